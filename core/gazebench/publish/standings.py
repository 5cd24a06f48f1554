"""A published leaderboard as a value: what Markdown, CSV, LaTeX and the site are rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gazebench.publish.record import Badge, EntryFacts, Record
from gazebench.spec.board import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One row of the board beyond its cells: an entry, a floor or the ceiling.

    Attributes:
        name: of the row; where two records name an entry alike, the record's name is in it.
        record: the `Record.name` it came from.
        entry: its name within the record.
        badge: how far its numbers can be trusted.
    """

    name: str
    record: str
    entry: str
    badge: Badge
    facts: EntryFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A record that cannot be compared with this board, and what would make it comparable.

    Attributes:
        record: its name.
        why: one sentence per difference ("metric sauc has version 1, the board has 2").
        command: what reruns it under the board's protocol; "" for a publication.
    """

    record: str
    title: str
    why: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignificanceMatrix:
    """Every entry against every other, on one metric over all images.

    Attributes:
        entries: best first, entries only (no floors, no ceiling).
        differences: [i][j] score of i minus score of j, in the direction in which positive is
            better.
        adjusted: [i][j] two-sided p-value after Holm over all pairs; None where nothing can be
            said, and on the diagonal.
    """

    metric: str
    entries: tuple[str, ...]
    differences: tuple[tuple[float, ...], ...]
    adjusted: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """A leaderboard joined from its records; nothing left to compute.

    Attributes:
        name: of the board's folder.
        title: for people.
        about: one paragraph: the dataset, who read it, under which licence.
        is_restricted: whether the dataset is.
        board: the joined rows; ranks, groups and intervals are over all of them.
        rows: row name -> where it came from, one for each row of `board`.
        records: the records whose rows are on the board, by name.
        apart: the others.
        matrices: one per metric.
    """

    name: str
    title: str
    about: str
    is_restricted: bool
    board: Board
    rows: Mapping[str, Standing]
    records: Mapping[str, Record]
    apart: tuple[Apart, ...] = ()
    matrices: tuple[SignificanceMatrix, ...] = field(default=())
