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

KEPT_BYTES = 2**27  # of recent means: all of a small board, a metric's of the largest
WEIGHT_BYTES = 2**26  # weights beyond this are drawn again from their seed

Key = tuple[str, str]  # entry, "score" or "matched"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Totals:
    """What the means of one metric are made of.

    Attributes:
        column: (entry, "score" or "matched") -> its column.
        sums: [cases, columns], of the rows that count.
        rows: [cases, columns], how many these are.
    """

    column: Mapping[Key, int]
    sums: NDArray[np.float64]
    rows: NDArray[np.float64]

    def rows_of_case(self, key: Key) -> NDArray[np.float64]:
        """Return how many rows of every case count, [cases]."""
        if key not in self.column:
            return np.zeros(len(self.rows))
        rows: NDArray[np.float64] = self.rows[:, self.column[key]]
        return rows


class Resampler:
    """Draws clusters once, and applies the draw to one metric and subset after the other."""

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
        self._weights_of: dict[str, list[NDArray[np.float64]]] = {}
        self._kept: OrderedDict[tuple[str, str], Means] = OrderedDict()

    def estimate(self, metric: str, totals: Totals, key: Key, subset: str) -> Estimate | None:
        """Return one resampled mean, None where it goes over no row.

        Recent ones are taken from memory, by the metric's name.
        """
        if key not in totals.column:
            return None
        means, index = self._means(metric, totals, subset), totals.column[key]
        return None if np.isnan(means.points[index]) else means.column(index)

    def _means(self, metric: str, totals: Totals, subset: str) -> Means:
        place = metric, subset
        if place not in self._kept:
            made = self._resample(totals, subset)
            while self._kept and self._bytes_kept() + made.nbytes > KEPT_BYTES:
                self._kept.popitem(last=False)
            self._kept[place] = made
        self._kept.move_to_end(place)
        return self._kept[place]

    def _bytes_kept(self) -> int:
        return sum(kept.nbytes for kept in self._kept.values())

    def _resample(self, totals: Totals, subset: str) -> Means:
        members = self._members[subset]
        used = np.bincount(self._clusters[members], minlength=self.n_clusters) > 0
        return weighted_means(
            self._by_cluster(totals.sums, members),
            self._by_cluster(totals.rows, members),
            self._blocks(subset, used),
            used=used,
        )

    def _by_cluster(
        self, amounts: NDArray[np.float64], members: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        added = np.zeros((self.n_clusters, amounts.shape[1]))
        np.add.at(added, self._clusters[members], amounts[members])
        return added

    def _blocks(self, subset: str, used: NDArray[np.bool_]) -> Iterable[NDArray[np.float64]]:
        """Return the weights of the clusters that a subset uses."""
        is_large = 8 * self.n_clusters * self.resamples > WEIGHT_BYTES
        if is_large:
            return (block[:, used] for block in self._draw())
        if subset not in self._weights_of:
            self._weights = self._weights or list(self._draw())
            chosen = self._weights if used.all() else [block[:, used] for block in self._weights]
            self._weights_of[subset] = chosen
        return self._weights_of[subset]

    def _draw(self) -> Iterable[NDArray[np.float64]]:
        return weight_blocks(self.n_clusters, self.resamples, np.random.default_rng(self._seed))


def totals_of(
    scored: Mapping[str, Scored],
    ceiling: str | None,
    case_of_unit: NDArray[np.intp],
    cases: int,
) -> Totals:
    """Add up the rows of every entry that has any on a metric."""
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
    return Totals(
        column=column,
        sums=np.concatenate([empty, *(sums[:, None] for sums, _ in totals)], axis=1),
        rows=np.concatenate([empty, *(rows[:, None] for _, rows in totals)], axis=1),
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
