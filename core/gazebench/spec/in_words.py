"""A ranking in words: what every renderer of a board says alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from gazebench.spec.board import (
    Board,
    BoardRow,
    Cell,
    JoinedRow,
    MetricColumn,
    RankInterval,
    SubsetBoard,
)

CERTAIN = 0.99  # resamples never make anything certain, so shares beyond are not written out


class Place(NamedTuple):
    """Where an entry stands: its tie group, marked where it is shared, and the ranks left open.

    Both are "" for what is not ranked.
    """

    group: str
    ranks: str


def places(subset: SubsetBoard, metric: str) -> dict[str, Place]:
    """Return the place of every entry on one metric: "=1" and "1-3", or "4" and "5"."""
    cells = {row.entry: row.cells[metric] for row in subset.rows}
    members = Counter(cell.tie_group for cell in cells.values())
    return {entry: _place(cell, members[cell.tie_group]) for entry, cell in cells.items()}


def chance_in_words(metric: MetricColumn) -> str:
    """Name a metric's chance level: a number, or the floor that measures it."""
    return "chance: uniform floor" if metric.chance is None else f"chance {metric.chance:g}"


def share_in_words(share: float | None) -> str:
    """Write a share of resamples; none of them proves a "never" or an "always".

    >>> [share_in_words(share) for share in (None, 0.0, 0.256, 0.999)]
    ['-', '< 1 %', '26 %', '> 99 %']
    """
    if share is None:
        return "-"
    if share < 1 - CERTAIN:
        return "< 1 %"
    return "> 99 %" if share > CERTAIN else f"{round(100 * share)} %"


def ranks_in_words(ranks: RankInterval | None) -> str:
    """Write the ranks that are left open.

    >>> ranks_in_words(RankInterval(1, 3)), ranks_in_words(RankInterval(4, 4))
    ('1-3', '4')
    """
    if ranks is None:
        return ""
    return f"{ranks.best}" if ranks.best == ranks.worst else f"{ranks.best}-{ranks.worst}"


def notes_of(subset: SubsetBoard) -> Iterator[str]:
    """Yield the subset's note and its cells', each once, with whom and what it holds for."""
    if subset.note:
        yield subset.note
    held: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row in subset.rows:
        metrics: dict[str, list[str]] = {}
        for metric, cell in row.cells.items():
            if cell.note:
                metrics.setdefault(cell.note, []).append(metric)
        for note, of_metrics in metrics.items():
            held.setdefault((note, tuple(of_metrics)), []).append(row.entry)
    for (note, names), entries in held.items():
        yield f"{', '.join(entries)}; {', '.join(names)}: {note}"


def source_in_words(row: BoardRow) -> str:
    """Say which record a row is from and how far it can be trusted; "" on the board of a run.

    >>> from gazebench.spec.values import EntryKind
    >>> place = {"kind": EntryKind.ENTRY, "rank": 1, "cells": {}}
    >>> [source_in_words(JoinedRow(entry=name, record="a", badge="claimed", **place))
    ...     for name in ("m", "m (a)")]
    ['a, claimed', 'claimed']
    """
    if not isinstance(row, JoinedRow):
        return ""
    return row.badge if row.entry.endswith(f"({row.record})") else f"{row.record}, {row.badge}"


def legend(board: Board) -> tuple[str, ...]:
    """Return the sentences that explain a board's columns to somebody who reads films."""
    low, high = (round(100 * (1 + sign * board.margin)) for sign in (-1, 1))
    tested = f" ({board.differences})" if board.differences else ""
    order = (
        f"Ranked by {board.rank_by}. Entries with the same group number share a place (=), and "
        "their order is not a finding: groups differ where these images tell everything above from "
        "everything below"
    )
    verdict = (
        "like a reader: does it agree with radiologists as well as one more radiologist would? "
        f"yes: its fraction of the ceiling is surely between {low} % and {high} %; no: it is "
        "surely outside; undecided: too few images to say."
    )
    return (
        f"{order}{tested}.",
        "rank: the places that the images leave open; 1-3 is anything from first to third.",
        "best: how often the entry comes first when the images are drawn anew; not a test.",
        verdict,
        f"Intervals: {board.interval}.",
        "Percentages: fraction of the ceiling, (score - chance) / (ceiling - chance).",
    )


def _place(cell: Cell, members: int) -> Place:
    if cell.tie_group is None:
        return Place("", "")
    return Place(f"{'=' if members > 1 else ''}{cell.tie_group}", ranks_in_words(cell.ranks))
