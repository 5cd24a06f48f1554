"""One task: everything that is wanted of one shard, scored in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.checks import CaseChecks, ChecksLog
from gazebench.engine.columns import Columns, Keyed, needs_of
from gazebench.engine.costs import Spent
from gazebench.engine.failures import FailureLog
from gazebench.engine.floors import CaseFloorContext, floor_rng
from gazebench.engine.map_maker import MapMaker, OnMaps
from gazebench.engine.map_store import MapStore
from gazebench.engine.maps import Attributed
from gazebench.engine.opening import OpenedRun
from gazebench.engine.scoring import CaseScorer, Rows
from gazebench.engine.selection import Selection
from gazebench.engine.shard_store import KEYED, Part
from gazebench.engine.shards import Shard
from gazebench.engine.store import score_table
from gazebench.engine.targets import CaseGaze, GazeSource
from gazebench.engine.threads import InOrder, Task, Threads
from gazebench.engine.wanted import CHECKS, Wanted
from gazebench.gaze.buffers import InTurn
from gazebench.registry.plugin import Plugin
from gazebench.spec.values import INTEROBSERVER, Case, ScoreRow


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

    def take(self) -> dict[str, float]:
        """Return what was spent since the last time, and start anew."""
        found, self.seconds = self.seconds, {}
        return found


@dataclass(slots=True, kw_only=True, eq=False)
class Explained:
    """A shard whose maps are made, before any is scored.

    Attributes:
        maps: by case; taken out when they are scored.
        spent: entry and seed -> what the maps cost.
        seconds: stage -> wall time.
    """

    shard: Shard
    missing: Sequence[Keyed]
    wanted: Wanted
    maps: dict[str, list[Attributed]]
    log: FailureLog
    spent: Mapping[tuple[str, int], Spent]
    seconds: Mapping[str, float]


class ShardWorker:
    """Scores shards of an opened run; keeps models, threads and memory from one to the next.

    One thread may explain a shard while another scores the one before.
    """

    def __init__(
        self,
        opened: OpenedRun,
        source: GazeSource,
        selection: Selection,
        threads: Threads,
        maps: MapStore,
    ) -> None:
        self._opened, self._source, self._selection = opened, source, selection
        self._threads = threads
        self._explaining, self._scoring = Timings(), Timings()
        self._maker = MapMaker(opened, self._explaining.of, maps)
        self._spare = InTurn()
        self._needs = needs_of(opened)

    def explain(
        self, shard: Shard, missing: Sequence[Keyed], *, on_maps: OnMaps = lambda _what, _n: None
    ) -> Explained:
        """Make the maps of a shard; `on_maps` hears of every batch: a model's method, images.

        Raises:
            DataError: an image is missing or malformed.
        """
        columns = [keyed.column for keyed in missing]
        wanted = Wanted.of(self._opened.plan, ((c.entry, c.seed, c.metric) for c in columns))
        keys = {(k.column.entry, k.column.seed): k.map_key for k in missing}
        log = FailureLog()
        maps = self._maker.maps(shard, wanted, keys, on_maps)
        _hear_of_maps(log, maps)
        return Explained(
            shard=shard,
            missing=missing,
            wanted=wanted,
            maps=maps,
            log=log,
            spent=self._maker.take_spent(),
            seconds=self._explaining.take(),
        )

    def score(self, explained: Explained, *, on_case: Callable[[], None] = lambda: None) -> Part:
        """Score the maps of a shard, and its readers and floors; `on_case` hears of every case.

        Raises:
            DataError: a file of the dataset is missing or malformed.
        """
        checks, rows = ChecksLog(), list[ScoreRow]()
        groups = (self._tasks(case, explained, checks) for case in explained.shard.cases)
        with self._scoring.of("scoring"):
            for of_case in InOrder[Rows](self._threads).results(groups):
                self._spare.give_back()
                rows.extend(row for task in of_case for row in task)
                on_case()
        return self._part(rows, explained, checks)

    def _part(self, rows: Sequence[ScoreRow], explained: Explained, checks: ChecksLog) -> Part:
        missing = explained.missing
        keys = {(k.column.entry, k.column.seed, k.column.metric): k for k in missing}
        checked = {
            (entry, seed): keyed
            for (entry, seed, metric), keyed in keys.items()
            if metric == CHECKS
        }
        return Part(
            rows=_keyed_table(rows, keys),
            keys=frozenset(keyed.key for keyed in missing),
            spent={
                keyed.map_key: explained.spent[entry, seed]
                for (entry, seed, _), keyed in keys.items()
                if (entry, seed) in explained.spent
            },
            terms={checked[one].key: terms for one, terms in checks.terms.items()},
            readers={checked[INTEROBSERVER, 0].key: checks.readers} if checks.readers else {},
            raised=explained.log.raised(),
            seconds={**explained.seconds, **self._scoring.take()},
        )

    def _tasks(self, case: Case, explained: Explained, checks: ChecksLog) -> list[Task[Rows]]:
        """Return everything to be scored of one case, in the order of its rows."""
        wanted, log = explained.wanted, explained.log
        gaze = self._source.gaze(case, self._needs, self._spare.take())
        has_bias = gaze.target.centre_bias is not None
        scorer = CaseScorer(
            dataset=self._opened.compared_with,
            case=case,
            gaze=gaze,
            wanted=wanted,
            hear=log.hear,
            checks=CaseChecks(case.id, gaze, checks) if has_bias else None,
        )
        make = partial(self._floor_map, case, gaze, log)
        floors = [
            scorer.floor(plugin.label, partial(make, plugin))
            for plugin in self._opened.plan.floors
            if wanted.map_of(plugin.label, 0)
        ]
        entries = (scorer.entry(one) for one in explained.maps.pop(case.id))
        return [*scorer.ceiling(), *floors, *entries]

    def _floor_map(self, case: Case, gaze: CaseGaze, log: FailureLog, plugin: Plugin) -> Any:
        context = CaseFloorContext(
            case=case,
            gaze=gaze,
            source=self._source,
            others=self._selection.scored,
            rng=floor_rng(self._opened.config.seeds[0], plugin.label, case),
        )
        found = guarded(plugin, f"case {case.id}", plugin.call, context)
        if isinstance(found, Failure):
            log.hear(found)
        return found


def missing_of(columns: Columns, known: frozenset[str]) -> list[Keyed]:
    """Return the columns that nobody has recorded."""
    return [keyed for keyed in columns.all if keyed.key not in known]


def _keyed_table(rows: Sequence[ScoreRow], keys: Mapping[tuple[str, int, str], Keyed]) -> Any:
    """Return rows with their columns' keys, and without the patients' numbers."""
    import pyarrow as pa

    table = score_table(rows).drop_columns(["cluster"])
    found = [keys[row.entry, row.seed, row.metric].key for row in rows]
    return table.append_column(KEYED.field("key"), pa.array(found, pa.string()))


def _hear_of_maps(log: FailureLog, maps: Mapping[str, Sequence[Attributed]]) -> None:
    for attributed in (one for of_case in maps.values() for one in of_case):
        if isinstance(attributed.made, Failure):
            log.hear(attributed.made)
        for score in attributed.scores:
            if score.failure is not None:
                log.hear(score.failure)
