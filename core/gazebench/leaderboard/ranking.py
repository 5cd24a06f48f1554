"""Places among the entries, and the order of a board's rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gazebench.spec.board import BoardRow, Cell, MetricColumn
from gazebench.spec.values import EntryKind
from gazebench.stats.estimate import Estimate
from gazebench.stats.ranks import (
    order_of,
    pairwise,
    probability_best,
    rank_intervals,
    tie_groups,
)

# Of equal scores, what need not look at the image stands first: an entry has to beat it.
FEWEST = 5  # clusters: drawing fewer anew always finds the same first one
ORDER_OF_EQUALS = (EntryKind.CEILING, EntryKind.FLOOR, EntryKind.ENTRY)


def with_places(
    cells: Mapping[str, Cell], scores: Mapping[str, Estimate], *, higher_is_better: bool
) -> dict[str, Cell]:
    """Give the entries of one metric and subset their places among each other.

    `scores` holds those that are ranked. All pairs are compared and corrected together; equal
    scores share the better rank. With fewer than two clusters nothing tells entries apart.
    """
    names = list(scores)
    if not names:
        return dict(cells)
    estimates = list(scores.values())
    draws = np.stack([estimate.resampled for estimate in estimates])
    is_better = pairwise(estimates, higher_is_better=higher_is_better, draws=draws).is_better()
    intervals = rank_intervals(is_better)
    groups = tie_groups(order_of(estimates, higher_is_better=higher_is_better), is_better)
    ranks = _ranks(estimates, higher_is_better=higher_is_better)
    probabilities = _probabilities(estimates, draws, higher_is_better=higher_is_better)
    placed = {
        name: replace(
            cells[name],
            rank=ranks[index],
            ranks=intervals[index],
            tie_group=groups[index],
            probability_best=probabilities[index],
        )
        for index, name in enumerate(names)
    }
    return {**cells, **placed}


def in_order(rows: Sequence[BoardRow], *, rank_by: MetricColumn) -> tuple[BoardRow, ...]:
    """Order rows best first, by their scores on one metric."""
    return tuple(sorted(rows, key=lambda row: _place(row, rank_by)))


def _ranks(estimates: Sequence[Estimate], *, higher_is_better: bool) -> list[int]:
    badness = np.array([-e.point if higher_is_better else e.point for e in estimates])
    better: list[int] = np.searchsorted(np.sort(badness), badness).tolist()
    return [1 + count for count in better]


def _probabilities(
    estimates: Sequence[Estimate], draws: NDArray[np.float64], *, higher_is_better: bool
) -> Sequence[float | None]:
    if len(estimates) < 2 or max(e.n_clusters for e in estimates) < FEWEST:
        return [None] * len(estimates)
    found: list[float] = probability_best(draws, higher_is_better=higher_is_better).tolist()
    return found


def _place(row: BoardRow, rank_by: MetricColumn) -> tuple[float, int, str]:
    score = row.cells[rank_by.name].score
    badness = math.inf if score is None else -score if rank_by.higher_is_better else score
    return badness, ORDER_OF_EQUALS.index(row.kind), row.entry
