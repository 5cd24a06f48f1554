"""What the rows of several records are called on one board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gazebench.publish.record import Record
from gazebench.spec.values import EntryKind


class RowName(NamedTuple):
    """One row of one record, by the record's name and its own there."""

    record: str
    entry: str


def kinds_of(record: Record) -> dict[str, EntryKind]:
    """Return every row of a record, in no particular order, and what it is."""
    return {row.entry: row.kind for subset in record.board.subsets for row in subset.rows}


def row_names(records: Sequence[Record]) -> dict[RowName, str]:
    """Return what each row is called on the board.

    All ceilings are one row, called as in the first record; so are floors of one name. An entry
    keeps its name where nobody else has it; otherwise the record's name is added to it.
    """
    found: dict[RowName, str] = {}
    entries: list[RowName] = []
    ceiling = ""
    for record in records:
        for entry, kind in kinds_of(record).items():
            row = RowName(record.name, entry)
            if kind is EntryKind.ENTRY:
                entries.append(row)
            elif kind is EntryKind.CEILING:
                found[row] = ceiling = ceiling or entry
            else:
                found[row] = entry
    return {**found, **_entry_names(entries, taken=found.values())}


def _entry_names(rows: Sequence[RowName], *, taken: Iterable[str]) -> Mapping[RowName, str]:
    """Add the record's name until no two rows are called alike."""
    used = Counter(taken)
    names = {row: row.entry for row in rows}
    while clashing := _clashing(names, used):
        names |= {row: f"{row.entry} ({row.record})" for row in clashing}
    return names


def _clashing(names: Mapping[RowName, str], taken: Mapping[str, int]) -> list[RowName]:
    """Return the rows with a short name that another row, or a shared one, has too."""
    counts = Counter(names.values())
    return [
        row
        for row, name in names.items()
        if name == row.entry and (counts[name] > 1 or name in taken)
    ]
