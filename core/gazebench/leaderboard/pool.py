"""Everything scored, and its joint resamples: what boards and comparisons are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.leaderboard.grid import Grid, make_grid
from gazebench.leaderboard.resampling import Key, Resampler, Totals, totals_of
from gazebench.leaderboard.scored import Scored, scored_entries, why_unscored
from gazebench.spec.board import Interval, MetricColumn
from gazebench.spec.values import EntryKind
from gazebench.stats.ceiling import (
    MEASURED_CHANCE,
    fraction_of_ceiling,
    why_no_fraction,
    why_not_above_measured,
)
from gazebench.stats.comparison import difference_of
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import IntervalKind, interval_of, paper_interval

ALL = "all"
RESAMPLES = 10_000
NO_CEILING = "there is no ceiling to compare with"
ONE_READING = "the ceiling is undefined: no image has a second reading to compare with"
NOTHING_TO_COMPARE = "no image here has what the metric compares with"
NOT_MATCHED = "no row of this entry has a ceiling to compare with"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Everything scored, over all images; subsets choose from it.

    Attributes:
        scored: metric -> entry -> its scores; entries without rows on a metric are not there.
        ceiling: the name of the ceiling, if there is one.
        clusters: [cases], cases with the same number are resampled together.
    """

    grid: Grid
    metrics: tuple[MetricColumn, ...]
    scored: Mapping[str, Mapping[str, Scored]]
    ceiling: str | None
    clusters: NDArray[np.intp]

    def metric(self, name: str) -> MetricColumn:
        """Return what is known about a metric."""
        return next(metric for metric in self.metrics if metric.name == name)

    @property
    def over(self) -> str:
        """What is resampled, in words: images, or patients where one has several images."""
        number = len(np.unique(self.clusters))
        return "images" if number == len(self.clusters) else f"{number} patients"


def make_pool(scores: Any, metrics: Mapping[str, MetricColumn]) -> Pool:
    """Arrange a table of score rows for resampling.

    `scores` has the columns of `gazebench.spec.values.ScoreRow`; `cluster` may be missing.

    Raises:
        DataError: no rows, a row twice, two ceilings, an entry of two kinds, a case of two
            clusters.
    """
    grid = make_grid(scores)
    ceilings = [entry.name for entry in grid.entries if entry.kind is EntryKind.CEILING]
    if len(ceilings) > 1:
        raise DataError(
            f"there are {len(ceilings)} ceilings ({', '.join(ceilings)}); a board has one",
            do="keep one, or say which with --ceiling NAME",
        )
    return Pool(
        grid=grid,
        metrics=tuple(metrics.values()),
        scored={name: scored_entries(grid, metric) for name, metric in metrics.items()},
        ceiling=ceilings[0] if ceilings else None,
        clusters=grid.clusters,
    )


class JointResamples:
    """Estimates for every metric, entry and subset, from one set of resampled clusters.

    Resample b draws the same clusters for all of them, so that any two may be subtracted or
    divided resample by resample. A resample that draws no image of a subset has no value there
    (NaN). One metric is resampled at a time; recent ones are kept.
    """

    def __init__(
        self,
        pool: Pool,
        subsets: Mapping[str, Collection[str]],
        resamples: int = RESAMPLES,
        seed: int = 0,
        *,
        interval: IntervalKind = IntervalKind.BOOTSTRAP,
    ) -> None:
        """Choose the subsets, by the ids of their cases; "all" is always there.

        `interval` is the one by which a ceiling has to be better than chance.
        """
        self.pool = pool
        self.interval = interval
        self.members = {
            name: _members(pool.grid, cases)
            for name, cases in {ALL: pool.grid.cases, **subsets}.items()
        }
        self._resampler = Resampler(pool.clusters, self.members, resamples=resamples, seed=seed)
        self._totals_of: dict[str, Totals] = {}
        self._problems: dict[tuple[str, str], str] = {}

    @property
    def n_clusters(self) -> int:
        """How many clusters are drawn from."""
        return self._resampler.n_clusters

    def score(self, metric: str, entry: str, subset: str = ALL) -> Estimate | None:
        """Return the mean over an entry's rows; None where it has none."""
        return self._mean(metric, (entry, "score"), subset)

    def matched(self, metric: str, entry: str, subset: str = ALL) -> Estimate | None:
        """Return the mean over the readings for which the ceiling has a value."""
        return self._mean(metric, (entry, "matched"), subset)

    def chance(self, metric: str, subset: str = ALL) -> Estimate | None:
        """Return the chance level: a constant, or the score of the floor `uniform`.

        None where it would have to be measured and that floor was not scored.
        """
        fixed = self.pool.metric(metric).chance
        if fixed is None:
            return self.matched(metric, MEASURED_CHANCE, subset)
        clusters = self._resampler.n_clusters
        return Estimate(
            point=fixed,
            resampled=np.full(self._resampler.resamples, fixed),
            left_out=np.full(clusters, fixed),
            present=np.zeros(clusters, dtype=np.bool_),
        )

    def fraction(self, metric: str, entry: str, subset: str = ALL) -> Estimate | None:
        """Return (score - chance) / (ceiling - chance), never clipped.

        None where that means nothing; `why_no_fraction` says why.
        """
        matched = self.matched(metric, entry, subset)
        if matched is None or self.why_no_fraction(metric, subset):
            return None
        ceiling = self.score(metric, self.pool.ceiling or "", subset)
        fixed = self.pool.metric(metric).chance
        chance = self.chance(metric, subset) if fixed is None else fixed
        if ceiling is None or chance is None:
            return None
        return fraction_of_ceiling(matched, ceiling, chance=chance)

    def why_no_fraction(self, metric: str, subset: str = ALL) -> str:
        """Say why no entry has a fraction of ceiling on a metric in a subset; "" if they have."""
        key = metric, subset
        if key not in self._problems:
            self._problems[key] = self._judge(metric, subset) or ""
        return self._problems[key]

    def score_interval(self, metric: str, entry: str, subset: str = ALL) -> Interval | None:
        """Return the interval of a score, of the kind of these resamples."""
        estimate = self.score(metric, entry, subset)
        if estimate is None:
            return None
        if self.interval is IntervalKind.PAPER:
            scored, images = self.pool.scored[metric][entry], self.members[subset]
            in_subset = images[self.pool.grid.case_of_unit]
            return paper_interval(
                scored.rows(in_subset), images=self.n_images(metric, entry, subset)
            )
        return interval_of(estimate, self.interval)

    def n_images(self, metric: str, entry: str, subset: str = ALL) -> int:
        """Return how many images of a subset have a value that counts."""
        counts = self._totals(metric).rows_of_case((entry, "score"))
        return int((self.members[subset] & (counts > 0)).sum())

    def n_rows(self, metric: str, entry: str, subset: str = ALL) -> int:
        """Return how many rows are behind a score."""
        rows = self._totals(metric).rows_of_case((entry, "score"))
        return int(rows[self.members[subset]].sum())

    def _mean(self, metric: str, key: Key, subset: str) -> Estimate | None:
        return self._resampler.estimate(metric, self._totals(metric), key, subset)

    def _totals(self, metric: str) -> Totals:
        if metric not in self._totals_of:
            grid = self.pool.grid
            self._totals_of[metric] = totals_of(
                self.pool.scored[metric], self.pool.ceiling, grid.case_of_unit, len(grid.cases)
            )
        return self._totals_of[metric]

    def _judge(self, name: str, subset: str) -> str | None:
        metric, ceiling = self.pool.metric(name), self.pool.ceiling
        if ceiling not in self.pool.scored[name]:
            return self._why_no_ceiling(metric)
        score = self.score(name, ceiling or "", subset)
        if score is None:
            scored = self.pool.scored[name]
            is_scored = any(self.n_images(name, entry, subset) for entry in scored)
            return ONE_READING if is_scored else NOTHING_TO_COMPARE
        if metric.chance is not None:
            return why_no_fraction(
                self.score_interval(name, ceiling or "", subset),
                chance=metric.chance,
                higher_is_better=metric.higher_is_better,
            )
        chance = self.chance(name, subset)
        if chance is None:
            floor = f"the floor {MEASURED_CHANCE}, which was not scored"
            return f"chance of {name} is the score of {floor}"
        above = interval_of(difference_of(score, chance), self.interval)
        return why_not_above_measured(above, higher_is_better=metric.higher_is_better)

    def _why_no_ceiling(self, metric: MetricColumn) -> str:
        found = [entry for entry in self.pool.grid.entries if entry.name == self.pool.ceiling]
        if not found:
            return NO_CEILING
        return f"the ceiling has no value: {why_unscored(self.pool.grid, metric, found[0])}"


def _members(grid: Grid, cases: Collection[str]) -> NDArray[np.bool_]:
    chosen = frozenset(cases)
    return np.array([case in chosen for case in grid.cases], dtype=np.bool_)
