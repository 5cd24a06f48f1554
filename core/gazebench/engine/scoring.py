"""Score rows of one case: every map against the reference of every reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.maps import BornMap, MapKey
from gazebench.engine.plan import CEILING
from gazebench.engine.targets import CaseGaze
from gazebench.registry.plugin import Plugin
from gazebench.scoring.evaluate import Outcome, check_map, evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.descriptors import Metric
from gazebench.spec.values import Case, EntryKind, Reading, ScoreRow, Status

ONE_READING = "one reading: there is no other to compare it with, so no ceiling"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScorer:
    """Scores maps of one case; holds what its rows have in common."""

    dataset: str
    case: Case
    gaze: CaseGaze
    metrics: tuple[Plugin, ...]

    def ceiling(self) -> Iterator[ScoreRow]:
        """Score every reading's own density against the mean of the others."""
        readings = self.case.readings
        if len(readings) == 1:
            for metric in self.metrics:
                outcome = Outcome(value=None, status=Status.UNDEFINED, reason=ONE_READING)
                yield self._row(CEILING, EntryKind.CEILING, 0, metric, readings[0], outcome)
            return
        target = self.gaze.target
        for index, reading in enumerate(readings):
            own = Target(
                size=target.size,
                references=target.references[index : index + 1],
                centre_bias=target.centre_bias,
            )
            scored = ScoredMap(self.gaze.densities[index])
            for metric in self.metrics:
                (outcome,) = self._evaluate(metric, scored, own)
                yield self._row(CEILING, EntryKind.CEILING, 0, metric, reading, outcome)

    def floor(self, label: str, made: NDArray[np.floating] | Failure) -> Iterator[ScoreRow]:
        """Score a floor's map."""
        return self._score(label, EntryKind.FLOOR, 0, made)

    def entry(self, key: MapKey, made: BornMap | Failure) -> Iterator[ScoreRow]:
        """Score an entry's map, bringing it to image pixels first."""
        values = made if isinstance(made, Failure) else made.in_image(self.case.size)
        return self._score(key.entry, EntryKind.ENTRY, key.seed, values)

    def _score(
        self, entry: str, kind: EntryKind, seed: int, made: NDArray[np.floating] | Failure
    ) -> Iterator[ScoreRow]:
        if isinstance(made, Failure):
            refused: Outcome | None = Outcome(value=None, status=Status.FAILED, reason=made.reason)
        else:
            refused = check_map(made, self.case.size)
        for metric, outcomes in self._outcomes(made, refused):
            for reading, outcome in zip(self.case.readings, outcomes, strict=True):
                yield self._row(entry, kind, seed, metric, reading, outcome)

    def _outcomes(
        self, made: NDArray[np.floating] | Failure, refused: Outcome | None
    ) -> Iterator[tuple[Plugin, Sequence[Outcome]]]:
        if refused is not None or isinstance(made, Failure):
            assert refused is not None
            for metric in self.metrics:
                yield metric, [refused] * len(self.case.readings)
            return
        scored = ScoredMap(made)
        for metric in self.metrics:
            yield metric, self._evaluate(metric, scored, self.gaze.target)

    def _evaluate(self, metric: Plugin, scored: ScoredMap, target: Target) -> Sequence[Outcome]:
        descriptor = metric.descriptor
        assert isinstance(descriptor, Metric)
        found = guarded(metric, evaluate, descriptor, metric.parameters, scored, target)
        if isinstance(found, Failure):
            failed = Outcome(value=None, status=Status.FAILED, reason=found.reason)
            return [failed] * len(target.references)
        return found

    def _row(
        self,
        entry: str,
        kind: EntryKind,
        seed: int,
        metric: Plugin,
        reading: Reading,
        outcome: Outcome,
    ) -> ScoreRow:
        return ScoreRow(
            dataset=self.dataset,
            case=self.case.id,
            reading=reading.id,
            entry=entry,
            kind=kind,
            seed=seed,
            metric=metric.label,
            value=outcome.value,
            status=outcome.status,
            reason=outcome.reason,
        )
