"""A metric over all subsets, coloured by how near to the readers an entry comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gazebench.leaderboard.ranking import in_order
from gazebench.publish.site import links
from gazebench.publish.standings import Standing, Standings
from gazebench.spec.board import Cell, MetricColumn
from gazebench.spec.values import EntryKind

STEPS = 5  # between chance and the ceiling
TINY = 1e-9  # 0.6 * 5 is less than 3
BELOW, ABOVE = "b", "t"  # chance, the ceiling: classes of the style sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """An entry's cells, subset by subset; None where it has no row. Shades are classes."""

    name: str
    href: str
    kind: EntryKind
    standing: Standing
    cells: tuple[Cell | None, ...]
    shades: tuple[str, ...]


def heat_rows(standings: Standings, metric: MetricColumn) -> Iterator[HeatRow]:
    """Yield every row, best first over all images."""
    board = standings.board
    by_subset = [{row.entry: row.cells[metric.name] for row in s.rows} for s in board.subsets]
    scores = _range_of_entries(standings, metric)
    for row in in_order(board.subsets[0].rows, rank_by=metric):
        cells = tuple(found.get(row.entry) for found in by_subset)
        yield HeatRow(
            name=row.entry,
            href=links.entry_page(row.entry),
            kind=row.kind,
            standing=standings.rows[row.entry],
            cells=cells,
            shades=tuple(_shade(cell, metric, scores) for cell in cells),
        )


def has_fractions(standings: Standings, metric: MetricColumn) -> bool:
    """Whether cells are shaded by their fraction of the ceiling, not by their score."""
    return any(
        row.cells[metric.name].fraction is not None
        for subset in standings.board.subsets
        for row in subset.rows
    )


def _range_of_entries(standings: Standings, metric: MetricColumn) -> Sequence[float]:
    """Return the scores that the shades span; none where there are fractions."""
    if has_fractions(standings, metric):
        return ()
    found = [
        row.cells[metric.name].score
        for subset in standings.board.subsets
        for row in subset.rows
        if row.kind is EntryKind.ENTRY
    ]
    return [score for score in found if score is not None]


def _shade(cell: Cell | None, metric: MetricColumn, scores: Sequence[float]) -> str:
    if cell is None or cell.score is None:
        return ""
    if not scores:
        return "" if cell.fraction is None else _step(cell.fraction)
    low, high = min(scores), max(scores)
    share = (cell.score - low) / (high - low) if high > low else 0.5
    share = share if metric.higher_is_better else 1 - share
    return str(min(int(STEPS * min(max(share, 0.0), 1.0)), STEPS - 1))


def _step(exact: float) -> str:
    fraction = round(exact, 2)  # as it stands in the cell
    if fraction < 0:
        return BELOW
    return ABOVE if fraction >= 1 else str(int(STEPS * fraction + TINY))
