"""Ranks, and the order of a board's rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gazebench.spec.board import BoardRow, Cell, MetricColumn
from gazebench.spec.values import EntryKind

# Of equal scores, what need not look at the image stands first: an entry has to beat it.
ORDER_OF_EQUALS = (EntryKind.CEILING, EntryKind.FLOOR, EntryKind.ENTRY)


def ranked_rows(
    rows: Sequence[BoardRow], metrics: Sequence[MetricColumn], *, rank_by: MetricColumn
) -> tuple[BoardRow, ...]:
    """Give every entry its rank on every metric, and order the rows best first.

    Equal scores share the better rank; ceiling, floors and cells without a score have none.
    """
    ranks = {metric.name: _ranks(rows, metric) for metric in metrics}
    ranked = [
        replace(row, rank=ranks[rank_by.name].get(row.entry), cells=_with_ranks(row, ranks))
        for row in rows
    ]
    return tuple(sorted(ranked, key=lambda row: _place(row, rank_by)))


def _ranks(rows: Sequence[BoardRow], metric: MetricColumn) -> dict[str, int]:
    scores = {
        row.entry: _badness(cell, metric)
        for row in rows
        if row.kind is EntryKind.ENTRY and (cell := row.cells[metric.name]).score is not None
    }
    return {
        entry: 1 + sum(other < badness for other in scores.values())
        for entry, badness in scores.items()
    }


def _with_ranks(row: BoardRow, ranks: Mapping[str, Mapping[str, int]]) -> dict[str, Cell]:
    return {
        metric: replace(cell, rank=ranks[metric].get(row.entry))
        for metric, cell in row.cells.items()
    }


def _place(row: BoardRow, rank_by: MetricColumn) -> tuple[float, int, str]:
    badness = _badness(row.cells[rank_by.name], rank_by)
    return badness, ORDER_OF_EQUALS.index(row.kind), row.entry


def _badness(cell: Cell, metric: MetricColumn) -> float:
    if cell.score is None:
        return math.inf
    return -cell.score if metric.higher_is_better else cell.score
