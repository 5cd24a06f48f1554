"""Score rows of one case: every map against the reference of every reading."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.checks import CaseChecks
from gazebench.engine.maps import Attributed, BornMap, MapKey, UnreadMap
from gazebench.engine.targets import CaseGaze
from gazebench.engine.threads import Task
from gazebench.engine.wanted import Wanted
from gazebench.gaze.buffers import Buffers
from gazebench.gaze.grid import Upsampling
from gazebench.registry.plugin import Plugin
from gazebench.scoring.evaluate import Outcome, check_map, evaluate, not_applicable
from gazebench.scoring.scored_grid import ScoredGrid
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.descriptors import Metric
from gazebench.spec.values import INTEROBSERVER, Case, EntryKind, ScoreRow, Size, Status

ONE_READING = "one reading: there is no other to compare it with, so no ceiling"


NO_READING = ""  # of scores that compare a map with no reader
LARGEST_GRID = 64 * 64  # values; the adjoint of a finer map costs more than it saves

Rows = list[ScoreRow]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseScorer:
    """Scores maps of one case; holds what its rows have in common.

    Every method returns tasks, to be done in any order and on any thread; `hear` is told, on that
    thread, of every metric that raised; `checks` sees every map, where there are any.
    """

    dataset: str
    case: Case
    gaze: CaseGaze
    wanted: Wanted
    hear: Callable[[Failure], None] = lambda _failure: None
    checks: CaseChecks | None = None
    _upsamplings: dict[Hashable, Upsampling | None] = field(default_factory=dict)

    def ceiling(self) -> Iterator[Task[Rows]]:
        """Score every reading's own density against the reference of the others."""
        readings, metrics = self.case.readings, self.wanted.gaze_metrics(INTEROBSERVER, 0)
        for index, reading in enumerate(readings if metrics else ()):
            if len(readings) > 1:
                yield partial(self._reader, index)
                continue
            outcome = Outcome(value=None, status=Status.UNDEFINED, reason=ONE_READING)
            rows = [
                self._row(INTEROBSERVER, EntryKind.CEILING, 0, metric.label, reading.id, outcome)
                for metric in metrics
            ]
            yield partial(_given, rows)
        if self.checks is not None and self.wanted.checks(INTEROBSERVER, 0):
            yield partial(_checked, self.checks)

    def floor(self, label: str, make: Callable[[], NDArray[np.floating] | Failure]) -> Task[Rows]:
        """Make a floor's map and score it."""
        return lambda buffers: self._floor(label, make, buffers)

    def entry(self, attributed: Attributed) -> Task[Rows]:
        """Score an entry's map, bringing it to image pixels where a metric needs them.

        The scores that the network gave it are rows of the case, of no reading.
        """
        key, made = attributed.key, attributed.made
        if not isinstance(made, Failure) and made.geometry not in self._upsamplings:
            self._upsamplings[made.geometry] = made.upsampling(self.case.size)
        given = [
            self._row(key.entry, EntryKind.ENTRY, key.seed, one.metric, NO_READING, one.outcome)
            for one in attributed.scores
        ]
        return lambda buffers: [*self._entry(key, made, buffers), *given]

    def _reader(self, index: int, buffers: Buffers) -> Rows:
        own = self.gaze.target.only([index])
        scored = ScoredMap(self.gaze.densities[index], own, buffers=buffers)
        rows = []
        for metric in self.wanted.gaze_metrics(INTEROBSERVER, 0):
            reading = self.case.readings[index]
            (outcome,) = self._evaluate(metric, reading.id, scored, own)
            rows.append(
                self._row(INTEROBSERVER, EntryKind.CEILING, 0, metric.label, reading.id, outcome)
            )
        return rows

    def _floor(
        self,
        label: str,
        make: Callable[[], NDArray[np.floating] | Failure],
        buffers: Buffers,
    ) -> Rows:
        made = make()
        refused = _failed(made) or check_map(made, self.case.size)
        if refused is not None or isinstance(made, Failure):
            return list(self._refused(label, EntryKind.FLOOR, 0, refused))
        scored = ScoredMap(made, self.gaze.target, buffers=buffers)
        return list(self._score(label, EntryKind.FLOOR, 0, scored))

    def _entry(self, key: MapKey, made: BornMap | UnreadMap | Failure, buffers: Buffers) -> Rows:
        checks = self.checks if self.wanted.checks(key.entry, key.seed) else None
        if isinstance(made, UnreadMap):
            made = made.read()
        refused = _failed(made)
        if isinstance(made, BornMap):
            refused = check_map(made.values, Size(*made.values.shape))
        if refused is not None or isinstance(made, Failure):
            if checks is not None:
                checks.failed(key.entry, key.seed)
            return list(self._refused(key.entry, EntryKind.ENTRY, key.seed, refused))
        if checks is not None:
            self._check(checks, key, made)
        scored = self._scored_map(made, buffers)
        return list(self._score(key.entry, EntryKind.ENTRY, key.seed, scored))

    def _check(self, checks: CaseChecks, key: MapKey, made: BornMap) -> None:
        upsampling = self._upsamplings[made.geometry]
        if upsampling is None:
            checks.in_pixels(key.entry, key.seed, made.in_image(self.case.size))
        else:
            checks.on_grid(key.entry, key.seed, made.values, upsampling)

    def _scored_map(self, made: BornMap, buffers: Buffers) -> ScoredMap:
        upsampling, target = self._upsamplings[made.geometry], self.gaze.target
        if upsampling is None:
            return ScoredMap(made.in_image(self.case.size), target, buffers=buffers)
        if made.values.size <= LARGEST_GRID:
            return ScoredGrid(made.values, upsampling, target, buffers=buffers)
        memory = buffers.take("map", tuple(self.case.size), np.float32)
        return ScoredMap(upsampling.apply(made.values, memory), target, buffers=buffers)

    def _refused(
        self, entry: str, kind: EntryKind, seed: int, outcome: Outcome | None
    ) -> Iterator[ScoreRow]:
        assert outcome is not None
        for metric in self.wanted.gaze_metrics(entry, seed):
            for index, reading in enumerate(self.case.readings):
                assert isinstance(metric.descriptor, Metric)
                lacking = self.gaze.target.lacks(metric.descriptor.needs, index)
                found = not_applicable(lacking) if lacking else outcome
                yield self._row(entry, kind, seed, metric.label, reading.id, found)

    def _score(
        self, entry: str, kind: EntryKind, seed: int, scored: ScoredMap
    ) -> Iterator[ScoreRow]:
        for metric in self.wanted.gaze_metrics(entry, seed):
            outcomes = self._evaluate(metric, f"{entry}, seed {seed}", scored, self.gaze.target)
            for reading, outcome in zip(self.case.readings, outcomes, strict=True):
                yield self._row(entry, kind, seed, metric.label, reading.id, outcome)

    def _evaluate(
        self, metric: Plugin, of: str, scored: ScoredMap, target: Target
    ) -> Sequence[Outcome]:
        descriptor = metric.descriptor
        assert isinstance(descriptor, Metric)
        found = guarded(
            metric,
            f"case {self.case.id}, {of}",
            evaluate,
            descriptor,
            metric.parameters,
            scored,
            target,
        )
        if isinstance(found, Failure):
            self.hear(found)
            failed = Outcome(value=None, status=Status.FAILED, reason=found.reason)
            return [failed] * len(target.references)
        return found

    def _row(
        self,
        entry: str,
        kind: EntryKind,
        seed: int,
        metric: str,
        reading: str,
        outcome: Outcome,
    ) -> ScoreRow:
        return ScoreRow(
            dataset=self.dataset,
            case=self.case.id,
            reading=reading,
            entry=entry,
            kind=kind,
            seed=seed,
            metric=metric,
            value=outcome.value,
            status=outcome.status,
            reason=outcome.reason,
        )


def _given(rows: Rows, _buffers: Buffers) -> Rows:
    return rows


def _checked(checks: CaseChecks, _buffers: Buffers) -> Rows:
    checks.readers()
    return []


def _failed(made: object) -> Outcome | None:
    if isinstance(made, Failure):
        return Outcome(value=None, status=made.status, reason=made.reason)
    return None
