"""Execute a plan: gaze once for the centre bias, then shard by shard images, maps and scores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.checks import CaseChecks, Checked, ChecksLog
from gazebench.engine.costs import Cost
from gazebench.engine.failures import FailureLog
from gazebench.engine.floors import CaseFloorContext, floor_rng
from gazebench.engine.map_maker import MapMaker
from gazebench.engine.maps import Attributed
from gazebench.engine.opening import OpenedRun
from gazebench.engine.scoring import CaseScorer, Rows
from gazebench.engine.selection import Selection, select
from gazebench.engine.store import ScoreStore
from gazebench.engine.targets import CaseGaze, GazeSource
from gazebench.engine.threads import InOrder, Task, Threads, available_threads
from gazebench.gaze.buffers import Buffers, InTurn
from gazebench.registry.plugin import Plugin
from gazebench.spec.descriptors import Floor, Metric
from gazebench.spec.events import Event, Notice, StageAdvanced
from gazebench.spec.notices import Naming, kept_notices
from gazebench.spec.values import Case, ScoreRow, Status

Report = Callable[[Event], None]

UNUSABLE = (Status.FAILED, Status.NONFINITE, Status.MISSING)


@dataclass(slots=True)
class Timings:
    """Seconds spent per stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


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


def execute(opened: OpenedRun, folder: Path, report: Report) -> Executed:
    """Score every entry on every case and write the rows to `folder`.

    Raises:
        DataError: a file of the dataset is malformed; what is scored so far stays in `parts/`.
        RunError: the folder cannot be written.
    """
    timings = Timings()
    source = GazeSource(
        opened.dataset, recipe=opened.config.centre_bias, reference=opened.reference
    )
    selection = _select(opened, source, report, timings)
    for notice in (*opened.notices, *selection.notices):
        report(Notice(message=str(notice)))
    store = ScoreStore(folder)
    failures, log, checks = _Failures(), FailureLog(folder), ChecksLog()
    maker = MapMaker(opened, timings.of)
    shards = _shards(selection.scored, opened.config.batch)
    done, spare = 0, InTurn()
    with Threads(opened.config.threads or available_threads()) as threads:
        for index, shard in enumerate(shards):
            rows: list[ScoreRow] = []
            maps = maker.maps(shard)
            _hear_of_maps(log, maps)
            groups = (
                _tasks(opened, source, selection, c, maps.pop(c.id), spare.take(), log, checks)
                for c in shard
            )
            with timings.of("scoring"):
                for of_case in InOrder[Rows](threads).results(groups):
                    spare.give_back()
                    rows.extend(row for task in of_case for row in task)
                    done += 1
                    report(StageAdvanced(stage="scoring", done=done, total=len(selection.scored)))
            failures.see(rows)
            store.append(index, rows)
    for notice in failures.notices():
        report(Notice(message=str(notice)))
    if (written := log.write()) is not None:
        report(Notice(message=f"tracebacks of what plugins raised are in {written}"))
    return Executed(
        scores=store.merge(),
        cases=selection.scored,
        notices=kept_notices((*opened.notices, *selection.notices, *failures.notices())),
        failed_entries=failures.hopeless(),
        timings=timings.seconds,
        costs=maker.costs(),
        checks=checks.checked(opened.plan.entries),
    )


def _select(opened: OpenedRun, source: GazeSource, report: Report, timings: Timings) -> Selection:
    total, done = len(opened.cases), 0

    def advance() -> None:
        nonlocal done
        done += 1
        report(StageAdvanced(stage="gaze", done=done, total=total))

    with timings.of("gaze"):
        without = source.readings_without_density(opened.cases, on_case=advance)
    return select(
        opened.cases,
        min_readings=opened.config.min_readings,
        without_density=without,
        reference=opened.reference.label,
    )


def _shards(cases: Sequence[Case], size: int) -> list[Sequence[Case]]:
    return [cases[start : start + size] for start in range(0, len(cases), size)]


def _tasks(
    opened: OpenedRun,
    source: GazeSource,
    selection: Selection,
    case: Case,
    maps: Sequence[Attributed],
    buffers: Buffers,
    log: FailureLog,
    checks: ChecksLog,
) -> list[Task[Rows]]:
    """Return everything to be scored of one case, in the order of its rows."""
    gaze = source.gaze(case, _needs(opened), buffers)
    cluster = opened.clusters[case.id]
    has_bias = gaze.target.centre_bias is not None
    scorer = CaseScorer(
        dataset=opened.compared_with,
        case=case,
        gaze=gaze,
        metrics=opened.plan.gaze_metrics,
        cluster=cluster,
        hear=log.hear,
        checks=CaseChecks(case.id, cluster, gaze, checks) if has_bias else None,
    )
    make = partial(_floor_map, opened, source, selection, case, gaze, log)
    floors = [scorer.floor(plugin.label, partial(make, plugin)) for plugin in opened.plan.floors]
    return [*scorer.ceiling(), *floors, *(scorer.entry(one) for one in maps)]


def _needs(opened: OpenedRun) -> frozenset[str]:
    descriptors = [p.descriptor for p in (*opened.plan.gaze_metrics, *opened.plan.floors)]
    return frozenset(n for d in descriptors if isinstance(d, Metric | Floor) for n in d.needs)


def _floor_map(
    opened: OpenedRun,
    source: GazeSource,
    selection: Selection,
    case: Case,
    gaze: CaseGaze,
    log: FailureLog,
    plugin: Plugin,
) -> Any:
    context = CaseFloorContext(
        case=case,
        gaze=gaze,
        source=source,
        others=selection.scored,
        rng=floor_rng(opened.config.seeds[0], plugin.label, case),
    )
    found = guarded(plugin, plugin.call, context)
    if isinstance(found, Failure):
        log.hear(found)
    return found


def _hear_of_maps(log: FailureLog, maps: Mapping[str, Sequence[Attributed]]) -> None:
    for attributed in (one for of_case in maps.values() for one in of_case):
        if isinstance(attributed.made, Failure):
            log.hear(attributed.made)
        for score in attributed.scores:
            if score.failure is not None:
                log.hear(score.failure)


class _Failures:
    """Counts what went wrong, to be said once rather than once per case.

    A row is the map's failure when the map fails on every metric, and the metric's otherwise.
    """

    def __init__(self) -> None:
        self._bad: dict[str, dict[str, str]] = {}
        self._seen: dict[str, set[str]] = {}

    def see(self, rows: Sequence[ScoreRow]) -> None:
        """Remember which entries and metrics failed on which cases."""
        of_map: dict[tuple[str, str], list[ScoreRow]] = {}
        for row in rows:
            of_map.setdefault((row.entry, row.case), []).append(row)
        for (entry, case), scored in of_map.items():
            bad = [row for row in scored if row.status in UNUSABLE]
            is_map = len(bad) == len(scored)
            for row in scored:
                self._seen.setdefault(f"metric {row.metric}", set()).add(case)
            self._seen.setdefault(entry, set()).add(case)
            for row in bad:
                culprit = entry if is_map else f"metric {row.metric}"
                self._bad.setdefault(culprit, {}).setdefault(case, row.reason)

    def notices(self) -> list[str]:
        """Say, per culprit, how many cases failed and the first reason."""
        return [
            self._notice(culprit, len(bad), *next(iter(bad.items())))
            for culprit, bad in self._bad.items()
        ]

    def _notice(self, culprit: str, bad: int, case: str, reason: str) -> str:
        counted = f"{culprit}: no usable score on {bad} of {len(self._seen[culprit])} cases"
        said = f"{counted}, which count as the floor; first"
        return Naming(f"{said}, case {case}: {reason}", kept=f"{said}: {reason}")

    def hopeless(self) -> dict[str, str]:
        """Return what failed on every case, with the first reason."""
        return {
            culprit: next(iter(bad.values()))
            for culprit, bad in self._bad.items()
            if len(bad) == len(self._seen[culprit])
        }
