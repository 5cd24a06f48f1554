"""Which call of a plugin a process is at, in a file that outlives the process.

A plugin that ends its process (`os._exit`, a crash in a library) or never gives Python another turn
cannot be caught. Whoever finds the process gone reads here what it was at, and does not ask again.
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

from gazebench.errors import PluginError
from gazebench.registry.put_back import ProcessState

MOST_DEATHS = 6  # of processes at calls of one plugin, before it is asked for nothing any more
GRACE_S = 5.0  # that a call may take beyond its limit before its process is ended


class Call(NamedTuple):
    """A task that a plugin is given; `about` says for which case, or cases."""

    plugin: str
    about: str


class Death(NamedTuple):
    """A call that did not come to its end because its process did, and how."""

    call: Call
    how: str


class LeftBehind(NamedTuple):
    """A call that a process was at when it ended, and for how long."""

    call: Call
    seconds: float


class Witness:
    """Notes every call of a plugin while it is at work; threads may share it."""

    def __init__(self, deaths: Sequence[Death] = ()) -> None:
        """Refuse the calls that ended a process before."""
        self._how = {death.call: death.how for death in deaths}
        often = Counter(death.call.plugin for death in deaths)
        self._given_up = {plugin for plugin, times in often.items() if times >= MOST_DEATHS}
        self._folder: Path | None = None
        self._own = threading.local()
        self._before = ProcessState()
        self._files: list[BinaryIO] = []
        self._watchdog: _Watchdog | None = None

    @contextmanager
    def noting(self, folder: Path, *, limit_s: float | None = None) -> Iterator[None]:
        """Note calls in `folder` for a block; see `note`."""
        self.note(folder, limit_s=limit_s)
        try:
            yield
        finally:
            self._folder = None
            for file in self._files:
                file.close()
                Path(file.name).unlink(missing_ok=True)
            self._files.clear()

    def note(self, folder: Path, *, limit_s: float | None = None) -> None:
        """Note calls in `folder` from now on; where it cannot be written nothing is noted.

        With a limit, the process ends where a call does not return `GRACE_S` after it.
        """
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            self._folder = folder
        if limit_s is not None:
            self._watchdog = _Watchdog(limit_s + GRACE_S)

    @contextmanager
    def call(self, plugin: str, about: str) -> Iterator[None]:
        """Note a call for as long as a block takes, and put back what is not its own to change.

        Raises:
            PluginError: the call ended a process before, or others of its plugin did too often.
        """
        call = Call(plugin, about)
        if call in self._how:
            raise PluginError(f"{plugin} {self._how[call]}", do="mend the plugin")
        if plugin in self._given_up:
            raise PluginError(
                f"{plugin} ended {MOST_DEATHS} processes, and is not asked any more",
                do="mend the plugin",
            )
        with self._before.restored(), self._noted(call):
            yield

    @contextmanager
    def _noted(self, call: Call) -> Iterator[None]:
        if self._folder is None:
            yield
            return
        before = getattr(self._own, "text", "")
        self._write(self._folder, json.dumps([*call, time.monotonic()]))
        if self._watchdog is not None:
            self._watchdog.begin()
        try:
            yield
        finally:
            if self._watchdog is not None:
                self._watchdog.end()
            self._write(self._folder, before)

    def _write(self, folder: Path, text: str) -> None:
        """Write what this thread is at; no fsync, for the machine goes on."""
        self._own.text = text
        with suppress(OSError):
            if getattr(self._own, "folder", None) != folder:
                path = folder / f"{os.getpid()}-{threading.get_ident()}.json"
                self._own.file, self._own.folder = path.open("wb", buffering=0), folder
                self._files.append(self._own.file)
            self._own.file.seek(0)
            self._own.file.write(text.encode() + b"\n")


class _Watchdog:
    """Ends the process, without Python's help, where calls are at work and none begins."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._at_work, self._lock = seconds, 0, threading.Lock()
        self._nowhere: TextIO = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process

    def begin(self) -> None:
        with self._lock:
            self._at_work += 1
            faulthandler.dump_traceback_later(self._seconds, exit=True, file=self._nowhere)

    def end(self) -> None:
        with self._lock:
            self._at_work -= 1
            if not self._at_work:
                faulthandler.cancel_dump_traceback_later()


def left_behind(folder: Path) -> tuple[LeftBehind, ...]:
    """Return the calls that processes were at when they ended, and forget them."""
    found, now = [], time.monotonic()
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError, TypeError):
            noted: Any = json.loads(path.read_text("utf-8").partition("\n")[0])
            plugin, about, began = noted
            found.append(LeftBehind(Call(str(plugin), str(about)), now - float(began)))
    shutil.rmtree(folder, ignore_errors=True)
    return tuple(found)
