"""The leaderboard itself: one page a subset, every entry, floor and the ceiling a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gazebench.publish.record import Badge, CostFacts, GamingChecks
from gazebench.publish.site import links
from gazebench.publish.site.drawings import Axis, Whisker, axis_of, whisker_of
from gazebench.publish.standings import Standing, Standings
from gazebench.spec.board import BoardRow, Cell, MetricColumn, SubsetBoard, Verdict
from gazebench.spec.in_words import Place, notes_of, places, ranks_in_words, share_in_words
from gazebench.spec.values import EntryKind


class PlacedCell(NamedTuple):
    """A cell, and its place in words: "1-9", and its tie group, "=1" where it is shared."""

    cell: Cell
    ranks: str
    group: str


class Column(NamedTuple):
    """A metric, and what its scores are drawn on."""

    metric: MetricColumn
    axis: Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        whisker: on the ranking metric, as are `best` and `like_a_reader`.
        best: how often the entry comes first.
        is_shaded: whether its tie group is, so that groups alternate.
        cells: the ranking metric's first.
    """

    name: str
    href: str
    kind: EntryKind
    standing: Standing
    is_shaded: bool
    whisker: Whisker | None
    best: str
    like_a_reader: Verdict | None
    cells: tuple[PlacedCell, ...]

    @property
    def is_entry(self) -> bool:
        """Whether it is ranked."""
        return self.kind is EntryKind.ENTRY

    @property
    def cost(self) -> CostFacts | None:
        """What its maps cost."""
        return self.standing.facts.cost

    @property
    def checks(self) -> GamingChecks | None:
        """Whether its score could have been had without looking."""
        return self.standing.facts.checks


def columns_of(standings: Standings, subset: SubsetBoard) -> tuple[Column, ...]:
    """Return the metrics, the ranking one first."""
    board = standings.board
    ordered = sorted(board.metrics, key=lambda metric: metric.name != board.rank_by)
    return tuple(Column(metric, axis_of(subset, metric)) for metric in ordered)


def rows_of(standings: Standings, subset: SubsetBoard, columns: Sequence[Column]) -> Iterator[Row]:
    """Yield the rows in the board's order."""
    ranking, axis = columns[0]
    placed = {column.metric.name: places(subset, column.metric.name) for column in columns}
    for row in subset.rows:
        cell = row.cells[ranking.name]
        yield Row(
            name=row.entry,
            href=links.entry_page(row.entry),
            kind=row.kind,
            standing=standings.rows[row.entry],
            is_shaded=(cell.tie_group or 0) % 2 == 1,
            whisker=whisker_of(cell, axis.scale),
            best=share_in_words(cell.probability_best),
            like_a_reader=cell.like_a_reader if row.kind is EntryKind.ENTRY else None,
            cells=tuple(_placed(row, name, found) for name, found in placed.items()),
        )


def choices(standings: Standings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the models and the families of methods on a board, to filter by."""
    facts = [standing.facts for standing in standings.rows.values()]
    models, families = {one.model for one in facts}, {one.family for one in facts}
    return tuple(sorted(models - {""})), tuple(sorted(families - {""}))


def in_words(standings: Standings, subset: SubsetBoard) -> Iterator[str]:
    """Say in sentences what the table shows; they count what stands in it, nothing more."""
    ranking = standings.board.rank_by
    entries = [row for row in subset.rows if row.kind is EntryKind.ENTRY]
    cells = {row.entry: row.cells[ranking] for row in entries}
    ranked = {name: cell for name, cell in cells.items() if cell.ranks is not None}
    if ranked:
        yield _first_place(ranked, ranking)
    if ranked and len(ranked) < len(cells):
        unknown = len(cells) - len(ranked)
        yield f"{counted(unknown, 'entry has', 'entries have')} no rank: the notes say why."
    verdicts = Counter(cell.like_a_reader for cell in cells.values())
    if any(verdicts[verdict] for verdict in Verdict):
        said = ", ".join(f"{verdict} {verdicts[verdict]}" for verdict in Verdict)
        asked = "Do they agree with radiologists as well as one more radiologist would?"
        yield f"{asked} {said.capitalize()}."
    yield from _below_a_floor(subset.rows, ranking)


def notes(subset: SubsetBoard) -> tuple[str, ...]:
    """Return what stands below the table."""
    return tuple(notes_of(subset))


def counted(number: int, one: str, many: str) -> str:
    """Write a number of things.

    >>> counted(1, "entry", "entries"), counted(1200, "entry", "entries")
    ('1 entry', '1,200 entries')
    """
    return f"{number:,} {one if number == 1 else many}"


def badges_of(standings: Standings) -> tuple[tuple[Badge, int], ...]:
    """Return how many entries wear each badge, the strongest first."""
    entries = [r.entry for s in standings.board.subsets[:1] for r in s.rows if _is_entry(r)]
    found = Counter(standings.rows[entry].badge for entry in entries)
    return tuple((badge, found[badge]) for badge in reversed(Badge) if found[badge])


def _placed(row: BoardRow, metric: str, placed: Mapping[str, Place]) -> PlacedCell:
    cell = row.cells[metric]
    return PlacedCell(cell, ranks_in_words(cell.ranks), placed[row.entry].group)


def _is_entry(row: BoardRow) -> bool:
    return row.kind is EntryKind.ENTRY


def _first_place(ranked: Mapping[str, Cell], ranking: str) -> str:
    """Say who may be first: those whose rank interval begins there."""
    first = [name for name, cell in ranked.items() if cell.ranks and cell.ranks.best == 1]
    if len(ranked) == 1:
        return f"On {ranking} one entry is ranked."
    if len(first) == 1:
        return f"On {ranking} {first[0]} is ahead of all {len(ranked) - 1} others."
    if len(first) == len(ranked):
        return (
            f"On {ranking} the first place is open among all {len(first)} entries: these images do "
            "not tell which is best."
        )
    return f"On {ranking} the first place is open among {len(first)} of {len(ranked)} entries."


def _below_a_floor(rows: Sequence[BoardRow], ranking: str) -> Iterator[str]:
    scored = [row for row in rows if row.cells[ranking].score is not None]
    kinds = [row.kind for row in scored]
    if EntryKind.FLOOR not in kinds:
        return
    first = kinds.index(EntryKind.FLOOR)
    below = kinds[first:].count(EntryKind.ENTRY)
    if below:
        who = counted(below, "entry scores", "entries score")
        yield f"{who} no better than {scored[first].entry}, which does not look at the image."
