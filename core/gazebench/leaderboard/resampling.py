"""Joint resamples of the means of one metric: all entries and subsets, the same clusters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.scored import Scored
from gazebench.stats.bootstrap import Means, weight_blocks, weighted_means
from gazebench.stats.estimate import Estimate

KEPT_BYTES = 2**27  # of recent metrics: all of a small board, one metric of the largest
WEIGHT_BYTES = 2**26  # weights beyond this are drawn again from their seed

Key = tuple[str, str]  # entry, "score" or "matched"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricMeans:
    """The resampled means of one metric.

    Attributes:
        column: (entry, "score" or "matched") -> its column in every subset.
        start: subset -> where its columns begin.
        rows: [cases, columns], how many rows of a case count.
    """

    column: Mapping[Key, int]
    start: Mapping[str, int]
    rows: NDArray[np.float64]
    means: Means

    def estimate(self, key: Key, subset: str) -> Estimate | None:
        """Return one mean, None where it goes over no row."""
        if key not in self.column:
            return None
        index = self.start[subset] + self.column[key]
        return None if np.isnan(self.means.points[index]) else self.means.column(index)

    def rows_of_case(self, key: Key) -> NDArray[np.float64]:
        """Return how many rows of every case count, [cases]."""
        if key not in self.column:
            return np.zeros(len(self.rows))
        rows: NDArray[np.float64] = self.rows[:, self.column[key]]
        return rows


class Resampler:
    """Draws clusters once, and applies the draw to one metric after the other."""

    def __init__(
        self,
        clusters: NDArray[np.intp],
        members: Mapping[str, NDArray[np.bool_]],
        *,
        resamples: int,
        seed: int,
    ) -> None:
        """Take the cluster of every case and, by subset, whether the case belongs."""
        self.n_clusters = int(clusters.max()) + 1
        self.resamples = resamples
        self._clusters, self._members, self._seed = clusters, members, seed
        self._weights: list[NDArray[np.float64]] = []
        self._kept: OrderedDict[str, MetricMeans] = OrderedDict()

    def means(
        self,
        metric: str,
        scored: Mapping[str, Scored],
        ceiling: str | None,
        case_of_unit: NDArray[np.intp],
    ) -> MetricMeans:
        """Return the resampled means of a metric, from memory where it was asked for lately."""
        if metric not in self._kept:
            made = self._resample(scored, ceiling, case_of_unit)
            while self._kept and self._bytes_kept() + made.means.nbytes > KEPT_BYTES:
                self._kept.popitem(last=False)
            self._kept[metric] = made
        self._kept.move_to_end(metric)
        return self._kept[metric]

    def _bytes_kept(self) -> int:
        return sum(kept.means.nbytes for kept in self._kept.values())

    def _resample(
        self,
        scored: Mapping[str, Scored],
        ceiling: str | None,
        case_of_unit: NDArray[np.intp],
    ) -> MetricMeans:
        column, sums, rows = _totals(scored, ceiling, case_of_unit, len(self._clusters))
        parts = [
            [self._by_cluster(amounts, members) for amounts in (sums, rows)]
            for members in self._members.values()
        ]
        means = weighted_means(
            np.concatenate([part[0] for part in parts], axis=1),
            np.concatenate([part[1] for part in parts], axis=1),
            self._blocks(),
        )
        start = {name: index * sums.shape[1] for index, name in enumerate(self._members)}
        return MetricMeans(column=column, start=start, rows=rows, means=means)

    def _by_cluster(
        self, amounts: NDArray[np.float64], members: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        added = np.zeros((self.n_clusters, amounts.shape[1]))
        np.add.at(added, self._clusters[members], amounts[members])
        return added

    def _blocks(self) -> Iterable[NDArray[np.float64]]:
        rng = np.random.default_rng(self._seed)
        drawn = weight_blocks(self.n_clusters, self.resamples, rng)
        if 8 * self.n_clusters * self.resamples > WEIGHT_BYTES:
            return drawn
        self._weights = self._weights or list(drawn)
        return self._weights


def _totals(
    scored: Mapping[str, Scored],
    ceiling: str | None,
    case_of_unit: NDArray[np.intp],
    cases: int,
) -> tuple[dict[Key, int], NDArray[np.float64], NDArray[np.float64]]:
    """Return where each mean stands, and the sums and numbers of its rows, [cases, columns]."""
    everywhere = np.ones(len(case_of_unit), dtype=np.bool_)
    found = None if ceiling is None else scored.get(ceiling)
    comparable = everywhere if found is None else _has_value(found)
    column: dict[Key, int] = {}
    totals: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for entry, own in scored.items():
        column[entry, "score"] = column[entry, "matched"] = len(totals)
        totals.append(_by_case(own, everywhere, case_of_unit, cases))
        if np.any(_has_value(own) & ~comparable):
            column[entry, "matched"] = len(totals)
            totals.append(_by_case(own, comparable, case_of_unit, cases))
    empty = np.empty((cases, 0))
    return (
        column,
        np.concatenate([empty, *(sums[:, None] for sums, _ in totals)], axis=1),
        np.concatenate([empty, *(rows[:, None] for _, rows in totals)], axis=1),
    )


def _has_value(scored: Scored) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(scored.values).any(axis=1), dtype=np.bool_)


def _by_case(
    scored: Scored, units: NDArray[np.bool_], case_of_unit: NDArray[np.intp], cases: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    counted = np.isfinite(scored.values) & units[:, None]
    values = np.where(counted, scored.values, 0.0).sum(axis=1)

    def added(amounts: NDArray[Any]) -> NDArray[np.float64]:
        by_case = np.bincount(case_of_unit, weights=amounts, minlength=cases)
        return by_case.astype(np.float64, copy=False)

    return added(values), added(counted.sum(axis=1))
