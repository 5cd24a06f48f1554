"""One entry's scores on one metric, with the floor where it has none of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.grid import ABSENT, OK, STATES, Grid, GridEntry, MetricGrid
from gazebench.spec.board import MetricColumn
from gazebench.spec.values import EntryKind, Status

SPOKEN: Mapping[str, str] = {
    Status.UNDEFINED: "undefined",
    Status.NOT_APPLICABLE: "not applicable",
    Status.MISSING: "missing",
    Status.NONFINITE: "not finite",
    Status.FAILED: "failed",
    "absent": "absent",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """What one entry brings to one metric.

    Attributes:
        values: [units, seeds]; what counts, NaN where nothing does.
        states: [units, seeds], indices into `STATES`: how each value came about.
        expected: [units], where a value is expected.
        reasons: state -> the first reason given.
    """

    entry: GridEntry
    metric: MetricColumn
    values: NDArray[np.float64]
    states: NDArray[np.int8]
    expected: NDArray[np.bool_]
    reasons: Mapping[int, str]

    @property
    def is_substituted(self) -> bool:
        """Whether the floor stands in for values that are not there."""
        gaps = (self.states != OK) & self.expected[:, None]
        return self.entry.kind is EntryKind.ENTRY and bool(np.isfinite(self.values[gaps]).all())

    def rows(self, units: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return every value that counts within these units, [rows]."""
        chosen = self.values[units]
        return chosen[np.isfinite(chosen)]

    def coverage(self, units: NDArray[np.bool_]) -> float:
        """Return the share of expected rows that have a value of their own."""
        states = self.states[units & self.expected]
        return float(np.mean(states == OK)) if states.size else 0.0

    def gaps(self, units: NDArray[np.bool_]) -> str:
        """Say how many rows have no value of their own, and why; "" when all have.

        For example "3 of 455 rows have no value (2 missing, 1 not finite)".
        """
        states = self.states[units & self.expected]
        counts = np.bincount(states.ravel(), minlength=len(STATES))
        kinds = [index for index in range(len(STATES)) if index != OK and counts[index]]
        if not kinds:
            return ""
        said = ", ".join(f"{counts[index]} {SPOKEN[STATES[index]]}" for index in kinds)
        why = "; ".join(dict.fromkeys(self.reasons[i] for i in kinds if self.reasons.get(i)))
        return f"{states.size - counts[OK]} of {states.size} rows have no value ({said}" + (
            f": {why})" if why else ")"
        )


def scored_entries(grid: Grid, metric: MetricColumn) -> dict[str, Scored]:
    """Return every entry that has rows on a metric; nobody when no row has a value.

    An entry's row without a value counts as `min(chance, worst value of any floor for the same
    case and reading)`, mirrored for lower-is-better metrics; where chance is measured and no floor
    was scored nothing is known, and the row is left out. Ceiling and floors are not ranked, so for
    them nothing is substituted and their means go over the rows that have values.
    """
    scores = grid.metrics.get(metric.name)
    if scores is None or not (scores.states == OK).any():
        return {}
    stand_in = _stand_in(grid, scores, metric)
    return {
        entry.name: _scored(entry, metric, scores, stand_in)
        for entry in grid.entries
        if (scores.states[:, entry.columns] != ABSENT).any()
    }


def why_unscored(grid: Grid, metric: MetricColumn, entry: GridEntry) -> str:
    """Say why an entry has no score on a metric at all."""
    scores = grid.metrics.get(metric.name)
    if scores is None:
        return f"{metric.name} was not scored"
    reasons = [why for (column, _), why in scores.reasons.items() if column in entry.columns]
    return next(filter(None, reasons), _everywhere(scores.states[:, entry.columns]))


def _everywhere(states: NDArray[np.int8]) -> str:
    """Say what all rows without a reason are."""
    found = np.unique(states[states != ABSENT])
    if found.size == 0:
        return "not scored"
    return f"{SPOKEN[STATES[found[0]]]} everywhere" if found.size == 1 else "no value anywhere"


def _stand_in(grid: Grid, scores: MetricGrid, metric: MetricColumn) -> NDArray[np.float64]:
    floors = [e.columns for e in grid.entries if e.kind is EntryKind.FLOOR]
    columns = np.concatenate([np.empty(0, dtype=np.intp), *floors])
    worst = np.fmin if metric.higher_is_better else np.fmax  # both pass over NaN
    known = np.nan if metric.chance is None else metric.chance
    return np.asarray(worst.reduce(scores.values[:, columns], axis=1, initial=known))


def _scored(
    entry: GridEntry, metric: MetricColumn, scores: MetricGrid, stand_in: NDArray[np.float64]
) -> Scored:
    values, states = scores.values[:, entry.columns], scores.states[:, entry.columns]
    if entry.kind is EntryKind.ENTRY:
        gaps = (states != OK) & scores.expected[:, None]
        values = np.where(gaps, stand_in[:, None], values)
    reasons = {
        state: why for (column, state), why in scores.reasons.items() if column in entry.columns
    }
    return Scored(
        entry=entry,
        metric=metric,
        values=values,
        states=states,
        expected=scores.expected,
        reasons=reasons,
    )
