"""Whether the places of one metric in one subset can follow from its scores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gazebench.publish.verification.precision import Rounding
from gazebench.spec.board import BoardRow, Cell, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind


def place_problems(subset: SubsetBoard, metric: MetricColumn, rounding: Rounding) -> Iterator[str]:
    """Yield one sentence per place that contradicts the scores or another place.

    Scores within twice their rounding may be in either order. An
    entry whose score is suppressed has a place that nobody is told.
    """
    ranked = [(row, row.cells[metric.name]) for row in subset.rows]
    every = [(row, cell) for row, cell in ranked if row.kind is EntryKind.ENTRY]
    entries = [(row, cell) for row, cell in every if cell.score is not None]
    hidden = sum(cell.score is None and cell.n_rows > 0 for _, cell in every)
    for row, cell in ranked:
        where = f"{subset.name}, {metric.name}, {row.entry}"
        problems = (
            _rank(cell, [other for _, other in entries], metric, rounding, hidden)
            if row.kind is EntryKind.ENTRY
            else _unranked(row, cell)
        )
        yield from (f"{where}: {problem}" for problem in problems)
    if not hidden:
        yield from (f"{subset.name}, {metric.name}, {said}" for said in _groups(entries))


def _rank(
    cell: Cell, others: list[Cell], metric: MetricColumn, rounding: Rounding, hidden: int
) -> Iterator[str]:
    if cell.rank is None:
        return
    if cell.score is None:
        yield f"it has rank {cell.rank} without a score"
        return
    equal = 2 * rounding.of(cell.score)
    leads = [_lead(other, cell.score, metric) for other in others if other is not cell]
    better, perhaps = sum(lead > equal for lead in leads), sum(lead >= -equal for lead in leads)
    entries = len(others) + hidden
    if not 1 + better <= cell.rank <= 1 + perhaps + hidden:
        yield f"it has rank {cell.rank}, and {better} of {entries} entries score better"
    if cell.ranks is not None and not 1 <= cell.ranks.best <= cell.rank <= cell.ranks.worst:
        yield f"its rank {cell.rank} is not within {cell.ranks.best} to {cell.ranks.worst}"
    if cell.ranks is not None and cell.ranks.worst > entries:
        yield f"its worst rank is {cell.ranks.worst} of {entries} entries"


def _unranked(row: BoardRow, cell: Cell) -> Iterator[str]:
    if (cell.rank, cell.ranks, cell.tie_group) != (None, None, None):
        yield f"a {row.kind} has no rank, and one is stated"


def _lead(other: Cell, score: float, metric: MetricColumn) -> float:
    assert other.score is not None, "only scored entries are compared"
    return other.score - score if metric.higher_is_better else score - other.score


def _groups(entries: list[tuple[BoardRow, Cell]]) -> Iterator[str]:
    """In the order of ranks, groups begin with 1 and never fall, nor leave a number out."""
    placed = [(c.rank, c.tie_group, r.entry) for r, c in entries if c.rank and c.tie_group]
    placed.sort()
    if placed and placed[0][1] != 1:
        yield f"{placed[0][2]}: the first stands in group {placed[0][1]}, not 1"
    for (_, group, entry), (_, after, other) in pairwise(placed):
        if not group <= after <= group + 1:
            yield f"{other}: it stands in group {after} directly after {entry} in group {group}"
