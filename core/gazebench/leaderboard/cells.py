"""The cells of one metric within one subset: score, interval, fraction of ceiling, coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.scored import Scored
from gazebench.spec.board import Cell, Interval
from gazebench.spec.values import EntryKind
from gazebench.stats.ceiling import fraction_of_ceiling, why_no_fraction
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import (
    IntervalKind,
    bca_interval,
    paper_interval,
    percentile_interval,
)

NO_CEILING = "there is no ceiling to compare with"
ONE_READING = "the ceiling is undefined: no image has a second reading to compare with"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Within:
    """What the cells of one subset share.

    Attributes:
        units: [units], which belong to the subset.
        images: [units], the image of each unit.
        kind: how intervals are made.
    """

    units: NDArray[np.bool_]
    images: NDArray[np.intp]
    kind: IntervalKind

    def n_images(self, scored: Scored) -> int:
        """Return how many images have a value that counts."""
        counted = np.isfinite(scored.values).any(axis=1) & self.units
        return len(np.unique(self.images[counted]))

    def interval(self, estimate: Estimate, scored: Scored) -> Interval | None:
        """Return the interval of an entry's mean."""
        images = self.n_images(scored)
        if images < 2:
            return None
        if self.kind is IntervalKind.PAPER:
            return paper_interval(scored.rows(self.units), images=images)
        return self.resampled_interval(estimate)

    def resampled_interval(self, estimate: Estimate) -> Interval | None:
        """Return the interval of any statistic; the paper has no formula but for means."""
        if self.kind is IntervalKind.PAPER:
            return None
        return (bca_interval if self.kind is IntervalKind.BCA else percentile_interval)(estimate)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ceiling:
    """The ceiling of one metric within one subset, or why a fraction of it means nothing."""

    estimate: Estimate | None
    problem: str


def ceiling_of(scored: Scored | None, estimate: Estimate | None, within: Within) -> Ceiling:
    """Judge whether fractions of this ceiling mean anything."""
    if scored is None or estimate is None:
        return Ceiling(estimate=None, problem=NO_CEILING)
    if not len(scored.rows(within.units)):
        return Ceiling(estimate=None, problem=ONE_READING)
    problem = why_no_fraction(
        within.interval(estimate, scored),
        chance=scored.metric.chance,
        higher_is_better=scored.metric.higher_is_better,
    )
    return Ceiling(estimate=None if problem else estimate, problem=problem or "")


def make_cell(
    scored: Scored, estimates: Mapping[str, Estimate], ceiling: Ceiling, within: Within
) -> Cell:
    """Return an entry's cell.

    `estimates` holds the entry's mean as "score" and, as "matched", the mean over the readings
    for which there is a ceiling.
    """
    rows = scored.rows(within.units)
    gaps = scored.gaps(within.units)
    empty = Cell(
        score=None,
        coverage=scored.coverage(within.units),
        n_images=within.n_images(scored),
        n_rows=len(rows),
        note=gaps,
        fraction_note=ceiling.problem,
    )
    if not len(rows):
        return empty
    fraction = _fraction(scored, estimates["matched"], ceiling)
    return Cell(
        score=estimates["score"].point,
        interval=within.interval(estimates["score"], scored),
        fraction=None if fraction is None else fraction.point,
        fraction_interval=_fraction_interval(fraction, scored, within),
        coverage=empty.coverage,
        n_images=empty.n_images,
        n_rows=empty.n_rows,
        note=_note(gaps, scored),
        fraction_note=_fraction_note(fraction, ceiling),
    )


def _fraction(scored: Scored, matched: Estimate, ceiling: Ceiling) -> Estimate | None:
    if ceiling.estimate is None or np.isnan(matched.point):
        return None
    return fraction_of_ceiling(matched, ceiling.estimate, chance=scored.metric.chance)


def _fraction_interval(
    fraction: Estimate | None, scored: Scored, within: Within
) -> Interval | None:
    if fraction is None or scored.entry.kind is EntryKind.CEILING or within.n_images(scored) < 2:
        return None
    return within.resampled_interval(fraction)


def _fraction_note(fraction: Estimate | None, ceiling: Ceiling) -> str:
    if fraction is not None:
        return ""
    return ceiling.problem or "no row of this entry has a ceiling to compare with"


def _note(gaps: str, scored: Scored) -> str:
    if not gaps:
        return ""
    return f"{gaps}; " + (
        "scored at the floor" if scored.is_substituted else "the mean is over the others"
    )
