"""Execute a plan: record what no cache has, shard by shard, then make one table of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from gazebench.engine.assemble import Assembled, assemble
from gazebench.engine.checks import Checked
from gazebench.engine.columns import Columns
from gazebench.engine.costs import Cost
from gazebench.engine.gaze_pass import prepared_source
from gazebench.engine.keys import content_key
from gazebench.engine.opening import OpenedRun
from gazebench.engine.selection import Selection, select
from gazebench.engine.shard_store import ShardStore
from gazebench.engine.shards import Shard, make_shards
from gazebench.engine.store import SCORES
from gazebench.engine.targets import GazeSource
from gazebench.engine.threads import Threads, available_threads
from gazebench.engine.worker import ShardWorker, Timings, missing_of
from gazebench.spec.events import Event, Notice, StageAdvanced
from gazebench.spec.notices import kept_notices
from gazebench.spec.values import Case

Report = Callable[[Event], None]

CACHE = "cache"  # in a run's folder, where no other is given


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ready:
    """A run whose gaze is known: what its workers need.

    Attributes:
        gaze_s: seconds for the first pass; 0 where it was kept.
    """

    opened: OpenedRun
    source: GazeSource
    selection: Selection
    columns: Columns
    store: ShardStore
    gaze_s: float

    def shards(self) -> tuple[Shard, ...]:
        """Return the shards of the scored cases, keyed by their content.

        Raises:
            DataError: an image cannot be read.
        """
        return tuple(make_shards(self.opened, self.selection.scored))


def make_ready(opened: OpenedRun, cache: Path, *, session: str, report: Report) -> Ready:
    """Know all of the gaze, choose the cases, and key what is to be scored.

    Raises:
        DataError: a fixation file is missing, empty or malformed; no case is left.
        RunError: the cache cannot be written.
    """
    total, done, timings = len(opened.cases), 0, Timings()

    def advance() -> None:
        nonlocal done
        done += 1
        report(StageAdvanced(stage="gaze", done=done, total=total))

    with timings.of("gaze"):
        source, without = prepared_source(opened, cache, on_case=advance)
    selection = select(
        opened.cases,
        min_readings=opened.config.min_readings,
        without_density=without,
        reference=opened.reference.label,
    )
    scored = content_key([case.id for case in selection.scored])
    return Ready(
        opened=opened,
        source=source,
        selection=selection,
        columns=Columns(opened, scored=scored, session=session),
        store=ShardStore(cache / "scores"),
        gaze_s=timings.seconds.get("gaze", 0.0) if done else 0.0,
    )


def execute(opened: OpenedRun, folder: Path, report: Report) -> Executed:
    """Score every entry on every case and write the rows to `folder`.

    What is recorded already, by content, is not computed again: the same command goes on after
    any end.

    Raises:
        DataError: a file of the dataset is malformed; what is scored so far is kept.
        RunError: the folder cannot be written.
    """
    cache = opened.config.cache or folder / CACHE
    ready = make_ready(opened, cache, session=uuid.uuid4().hex, report=report)
    for notice in (*opened.notices, *ready.selection.notices):
        report(Notice(message=str(notice)))
    shards = ready.shards()
    _fill(ready, shards, report)
    assembled = assemble(folder, shards, ready.store, ready.columns, opened.clusters)
    return _executed(ready, assembled, folder, report)


def _fill(ready: Ready, shards: tuple[Shard, ...], report: Report) -> None:
    """Record every shard's missing columns, in this process."""
    total, done = len(ready.selection.scored), 0

    def advance() -> None:
        nonlocal done
        done += 1
        report(StageAdvanced(stage="scoring", done=done, total=total))

    with Threads(ready.opened.config.threads or available_threads()) as threads:
        worker = ShardWorker(ready.opened, ready.source, ready.selection, threads)
        for shard in shards:
            missing = missing_of(ready.columns, ready.store.keys(shard))
            if missing:
                ready.store.add(shard, worker.work(shard, missing, on_case=advance))
            else:
                for _ in shard.cases:
                    advance()


def _executed(ready: Ready, assembled: Assembled, folder: Path, report: Report) -> Executed:
    notices = assembled.failures.notices()
    for notice in notices:
        report(Notice(message=str(notice)))
    if (written := assembled.log.write(folder)) is not None:
        report(Notice(message=f"tracebacks of what plugins raised are in {written}"))
    opened = ready.opened
    return Executed(
        scores=pq.read_table(folder / SCORES),
        cases=ready.selection.scored,
        notices=kept_notices((*opened.notices, *ready.selection.notices, *notices)),
        failed_entries=assembled.failures.hopeless(),
        timings={"gaze": ready.gaze_s, **assembled.seconds},
        costs=assembled.costs(ready.columns),
        checks=assembled.checks.checked(opened.plan.entries, opened.clusters),
    )
