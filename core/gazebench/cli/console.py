"""Events of a run on the screen: live bars on a terminal, plain lines or JSON elsewhere."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from gazebench.spec.events import Event, MapsMade, Notice, RunFinished, RunStarted, StageAdvanced
from gazebench.spec.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from gazebench.engine.plan import Plan
    from gazebench.running.estimate import Estimate

Report = Callable[[Event], None]
MARGIN = 4  # lines of the terminal that bars leave free
SOONEST = 0.2  # seconds: a rate of less says how events arrive, not how work goes
MINUTES, HOURS = 100, 6000  # seconds, from where on a time is said so


@contextmanager
def console_for(*, json_events: bool) -> Iterator[Report]:
    """Give the reporter that suits where the output goes."""
    from rich.console import Console

    console = Console(stderr=not json_events, highlight=False)
    if json_events:
        with _stdout_alone() as out:
            yield lambda event: print(json.dumps(_plain(event)), file=out, flush=True)
    elif console.is_terminal:
        with _bars(console) as progress:
            yield _LiveReport(progress)
    else:
        yield _PlainReport(console)


@contextmanager
def _stdout_alone() -> Iterator[TextIO]:
    """Give stdout to events alone: what plugins and C libraries print goes to stderr meanwhile."""
    stdout = sys.stdout
    stdout.flush()
    if (
        sys.__stdout__ is None or stdout is not sys.__stdout__
    ):  # somebody's own, below which there is nothing to move
        with redirect_stdout(sys.stderr):
            yield stdout
        return
    number = sys.__stdout__.fileno()
    with os.fdopen(os.dup(number), "w", encoding="utf-8") as out, redirect_stdout(sys.stderr):
        os.dup2(sys.stderr.fileno(), number)
        try:
            yield out
        finally:
            os.dup2(out.fileno(), number)


def print_plan(plan: Plan, left: Estimate) -> None:
    """Show what a run would score, and what that would take."""
    from rich.console import Console
    from rich.table import Table

    from gazebench.cli.board_view import shown_plainly

    console = Console(highlight=False)
    table = Table("entry", title="Plan", title_justify="left")
    for entry in plan.entries:
        table.add_row(shown_plainly(entry))
    console.print(table)
    console.print("metrics: " + ", ".join(plugin.label for plugin in plan.metrics), markup=False)
    for stored in plan.stored:
        for notice in stored.notices:
            console.print(f"Note: {notice}", markup=False)
    for entry, reason in plan.not_applicable.items():
        console.print(f"not applicable: {entry}: {reason}", markup=False)
    for line in _estimated(left):
        console.print(line, markup=False)


def _estimated(left: Estimate) -> Iterator[str]:
    yield (
        f"\nrecorded: {left.recorded} of {left.columns} scores (entry, metric and task), "
        f"{100 * left.recorded_share:.0f} %"
    )
    if left.seconds_per_image is None:
        yield "nothing is left to score"
        return
    yield (
        f"time: about {spoken(left.seconds)} for {left.images} images, "
        f"{left.seconds_per_image:.2g} s each (measured on one of them now)"
    )
    if left.memory_mb is not None:
        yield f"memory: about {left.memory_mb / 1024:.1f} GB a process"
    free = f"{left.free_mb / 1024:.0f} GB that are free"
    yield f"disk: about {max(left.disk_mb, 0.1):.1f} MB of {free}"


def _bars(console: Any) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    name = Column(ratio=3, no_wrap=True, overflow="ellipsis", min_width=8)
    return Progress(
        TextColumn("{task.description}", table_column=name),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", justify="right"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        expand=True,
    )


class _Pace:
    """How fast something goes, since it was first heard of."""

    def __init__(self, done: int) -> None:
        self._start, self._before = time.monotonic(), done

    def rate(self, done: int) -> float | None:
        """Return how many are done per second; None where nobody can tell yet."""
        seconds = time.monotonic() - self._start
        is_told = seconds >= SOONEST and done > self._before
        return (done - self._before) / seconds if is_told else None


def _paced(rate: float | None) -> str:
    if rate is None:
        return ""
    return f"{rate:,.0f}/s" if rate >= 100 else f"{rate:.3g}/s"


class _LiveReport:
    """A bar for every stage, and for as many methods as the screen has room; notices above."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._paces: dict[str, _Pace] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageAdvanced):
            self._advance(event.stage, event.done, event.total, is_shown=True)
        elif isinstance(event, MapsMade):
            room = self._progress.console.height - MARGIN
            is_shown = len(self._tasks) < room
            self._advance(event.explained, event.done, event.total, is_shown=is_shown)
        elif line := _line(event):
            self._progress.console.print(line, markup=False)

    def _advance(self, what: str, done: int, total: int, *, is_shown: bool) -> None:
        from rich.markup import escape

        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(
                escape(what), total=total, visible=is_shown, rate=""
            )
            self._paces[what] = _Pace(done)
        rate = _paced(self._paces[what].rate(done))
        self._progress.update(self._tasks[what], completed=done, rate=rate)


class _PlainReport:
    """Lines for logs: a stage speaks at every tenth of its way, a method when it is through."""

    def __init__(self, console: Any) -> None:
        self._console = console
        self._paces: dict[str, _Pace] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageAdvanced):
            self._advance(event.stage, event.done, event.total, step=max(event.total // 10, 1))
        elif isinstance(event, MapsMade):
            self._advance(f"maps of {event.explained}", event.done, event.total, step=event.total)
        elif line := _line(event):
            self._console.print(line, markup=False)

    def _advance(self, what: str, done: int, total: int, *, step: int) -> None:
        pace = self._paces.setdefault(what, _Pace(done))
        if done % step and done != total:
            return
        rate = pace.rate(done)
        paced = f", {_paced(rate)}" if rate else ""
        left = f", {spoken((total - done) / rate)} left" if rate and done < total else ""
        self._console.print(f"{what}: {done}/{total}{paced}{left}", markup=False)


def spoken(seconds: float) -> str:
    """Return a time as people say it.

    >>> spoken(42.4), spoken(150), spoken(9000)
    ('42 s', '2.5 min', '2.5 h')
    """
    if seconds < MINUTES:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < HOURS else f"{seconds / 3600:.1f} h"


def _line(event: Event) -> str:
    if isinstance(event, RunStarted):
        return (
            f"{event.dataset}: {event.cases} cases, {event.readings} readings, "
            f"{len(event.entries)} entries, metrics {', '.join(event.metrics)}"
        )
    if isinstance(event, Notice):
        return f"Note: {printable(event.message)}"
    if isinstance(event, RunFinished):
        return f"{event.rows} score rows in {event.seconds:.1f} s"
    return ""


def _plain(event: Event) -> dict[str, Any]:
    return {"event": type(event).__name__, **asdict(event)}
