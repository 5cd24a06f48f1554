"""Execute a plan: record what no cache has, shard by shard, then make one table of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gazebench.engine.assemble import Assembled, assemble
from gazebench.engine.checks import Checked
from gazebench.engine.costs import Cost
from gazebench.engine.fill import fill
from gazebench.engine.opening import OpenedRun
from gazebench.engine.ready import Ready, make_ready
from gazebench.engine.shards import Shard
from gazebench.engine.store import SCORES
from gazebench.engine.worker import Timings
from gazebench.files.parquet import read_parquet
from gazebench.spec.events import Event, Notice
from gazebench.spec.notices import kept_notices
from gazebench.spec.values import Case

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Executed:
    """What a run leaves behind: every score row, and what has to be said about them."""

    scores: Any
    cases: tuple[Case, ...]
    notices: tuple[str, ...]
    failed_entries: Mapping[str, str]
    timings: Mapping[str, float]
    costs: tuple[Cost, ...]
    checks: tuple[Checked, ...]


def get_ready(opened: OpenedRun, cache: Path, session: str, report: Report) -> Ready:
    """Know the gaze of a run and say what has to be said before its work; see `make_ready`."""
    ready = make_ready(opened, cache, session=session, report=report)
    for notice in (*opened.notices, *ready.selection.notices):
        report(Notice(message=str(notice)))
    return ready


def execute(ready: Ready, shards: Sequence[Shard], folder: Path, report: Report) -> Executed:
    """Score every entry on every case and write the rows to `folder`.

    What is recorded already, by content, is not computed again: the same command goes on after
    any end.

    Raises:
        DataError: a file of the dataset is malformed; what is scored so far is kept.
        RunError: the folder cannot be written.
    """
    filled = fill(ready, shards, report, folder)
    if filled.found:
        known = f"{filled.found} of {filled.found + filled.made} scores"
        report(Notice(message=f"{known} (entry, metric and task) were recorded already"))
    return finish(ready, shards, folder, report)


def finish(ready: Ready, shards: Sequence[Shard], folder: Path, report: Report) -> Executed:
    """Write the rows of a run whose every score is recorded.

    Raises:
        RunError: something is not recorded, or the folder cannot be written.
    """
    timings = Timings()
    with timings.of("assembling"):
        clusters = ready.opened.clusters
        assembled = assemble(folder, shards, ready.store, ready.columns, clusters)
    executed = _executed(ready, assembled, folder, report)
    return replace(executed, timings={**executed.timings, **timings.take()})


def _executed(ready: Ready, assembled: Assembled, folder: Path, report: Report) -> Executed:
    notices = assembled.failures.notices()
    for notice in notices:
        report(Notice(message=str(notice)))
    if (written := assembled.log.write(folder)) is not None:
        report(Notice(message=f"tracebacks of what plugins raised are in {written}"))
    opened = ready.opened
    return Executed(
        scores=read_parquet(folder / SCORES),
        cases=ready.selection.scored,
        notices=kept_notices((*opened.notices, *ready.selection.notices, *notices)),
        failed_entries=assembled.failures.hopeless(),
        timings={"gaze": ready.gaze_s, **assembled.seconds},
        costs=assembled.costs(ready.columns),
        checks=assembled.checks.checked(opened.plan.entries, opened.clusters),
    )
