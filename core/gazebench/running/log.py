"""The log of a run's attempts: what happened when, and the traceback of what ended one."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gazebench.engine.folder import CACHE
from gazebench.spec.events import Event, MapsMade, Notice, RunFinished, RunStarted, StageAdvanced

LOG = "run.log"  # in the run's own cache folder, which is never published: notices may name cases
TENTHS = 10

Report = Callable[[Event], None]


@contextmanager
def logged(folder: Path, report: Report) -> Iterator[Report]:
    """Log a run's events, and whatever ends it; a log that cannot be written ends nothing."""
    log = _Log(folder / CACHE / LOG)

    def both(event: Event) -> None:
        if line := _line(event):
            log.write(line)
        report(event)

    log.write("begun")
    try:
        yield both
    except BaseException as error:
        log.write(f"ended by {type(error).__name__}\n{traceback.format_exc().rstrip()}")
        raise


class _Log:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        with suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp} {text}\n")


def _line(event: Event) -> str:
    match event:
        case RunStarted():
            what = f"{len(event.entries)} entries, metrics {', '.join(event.metrics)}"
            return f"{event.dataset}: {event.cases} cases, {event.readings} readings, {what}"
        case StageAdvanced() | MapsMade():
            step = max(event.total // TENTHS, 1)
            if event.done % step and event.done != event.total:
                return ""
            what = event.stage if isinstance(event, StageAdvanced) else event.explained
            return f"{what}: {event.done}/{event.total}"
        case Notice():
            return f"note: {event.message}"
        case RunFinished():
            return f"finished: {event.rows} score rows in {event.seconds:.1f} s"
    return ""
