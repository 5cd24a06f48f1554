"""What belongs to everybody in a process, put back after a plugin had its turn.

Not the environment, which libraries set for themselves when they are first used, and not the global
random generators, which nothing of the harness draws from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple


class _Setting(NamedTuple):
    """A setting of a library: how it is read and written."""

    module: str
    read: str
    write: str


# Threads have these together: what another thread has just changed must not be taken for theirs.
_OF_THE_PROCESS = (
    _Setting("torch", "get_default_dtype", "set_default_dtype"),
    _Setting("torch", "are_deterministic_algorithms_enabled", "use_deterministic_algorithms"),
)
_OF_A_THREAD = (
    _Setting("torch", "is_grad_enabled", "set_grad_enabled"),
    _Setting("torch", "get_num_threads", "set_num_threads"),
    _Setting("numpy", "geterr", "seterr"),
)


class ProcessState:
    """The working folder and the settings of torch, as they are when this is made."""

    def __init__(self) -> None:
        self._folder = _working_folder()
        self._settings = _read(_OF_THE_PROCESS)

    def restore(self) -> None:
        """Put back what is different."""
        if self._folder is not None and _working_folder() != self._folder:
            with suppress(OSError):  # it is gone
                os.chdir(self._folder)
        _write(self._settings)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Put back after a block what this knows, and what the thread's own settings were."""
        own = _read(_OF_A_THREAD)
        try:
            yield
        finally:
            _write(own)
            self.restore()


def _working_folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a third of the time, after every task of every plugin
    except OSError:
        return None


def _read(settings: tuple[_Setting, ...]) -> dict[_Setting, Any]:
    """Read the settings of the libraries that are loaded."""
    found = {}
    for one in settings:
        read = getattr(sys.modules.get(one.module), one.read, None)
        if read is not None:  # not loaded, or still being loaded
            found[one] = read()
    return found


def _write(settings: dict[_Setting, Any]) -> None:
    for one, before in settings.items():
        module = sys.modules[one.module]
        if getattr(module, one.read)() != before:
            write: Callable[..., object] = getattr(module, one.write)
            write(**before) if isinstance(before, dict) else write(before)
