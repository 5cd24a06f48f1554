"""One page an entry: its scores, where its maps came from, what they cost, how to make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gazebench.publish.record import Record
from gazebench.publish.site.drawings import Whisker, whisker_of
from gazebench.publish.site.reproduce import command_for
from gazebench.publish.site.subset_pages import Column
from gazebench.publish.standings import Standing, Standings
from gazebench.spec.board import BoardRow, Cell
from gazebench.spec.in_words import Place, places, share_in_words
from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """A score over all images."""

    column: Column
    cell: Cell
    whisker: Whisker | None
    ranks: str
    group: str
    best: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """What the page of an entry, a floor or the ceiling shows.

    Attributes:
        cells: subset -> its cells, in the order of `lines`; only subsets in which it has a row.
        command: how to make it again; "" where nobody said.
    """

    name: str
    kind: EntryKind
    standing: Standing
    record: Record
    lines: tuple[ScoreLine, ...]
    cells: Mapping[str, tuple[Cell, ...]]
    command: str


def entry_views(standings: Standings, columns: tuple[Column, ...]) -> Iterator[EntryView]:
    """Yield what is known of every row; `columns` are those of all images."""
    whole = standings.board.subsets[0]
    placed = {column.metric.name: places(whole, column.metric.name) for column in columns}
    by_subset = {s.name: {row.entry: row for row in s.rows} for s in standings.board.subsets}
    for row in whole.rows:
        standing = standings.rows[row.entry]
        record = standings.records[standing.record]
        yield EntryView(
            name=row.entry,
            kind=row.kind,
            standing=standing,
            record=record,
            lines=tuple(_line(row, column, placed) for column in columns),
            cells={
                subset: tuple(rows[row.entry].cells[c.metric.name] for c in columns)
                for subset, rows in by_subset.items()
                if row.entry in rows
            },
            command=command_for(record, standing.facts),
        )


def _line(row: BoardRow, column: Column, placed: Mapping[str, Mapping[str, Place]]) -> ScoreLine:
    cell = row.cells[column.metric.name]
    return ScoreLine(
        column=column,
        cell=cell,
        whisker=whisker_of(cell, column.axis.scale),
        ranks=placed[column.metric.name][row.entry].ranks,
        group=placed[column.metric.name][row.entry].group,
        best=share_in_words(cell.probability_best) if row.kind is EntryKind.ENTRY else "",
    )
