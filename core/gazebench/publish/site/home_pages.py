"""The list of boards, and how to read one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gazebench.publish.record import Badge
from gazebench.publish.site.file_names import file_stem
from gazebench.publish.site.links import metric_anchor
from gazebench.publish.site.metric_words import words_of
from gazebench.publish.site.records_page import MEANING
from gazebench.publish.site.subset_pages import badges_of, counted, in_words
from gazebench.publish.standings import Standings
from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCard:
    """A board in the list."""

    standings: Standings
    href: str
    size: tuple[str, ...]
    sentences: tuple[str, ...]
    badges: tuple[tuple[Badge, int], ...]


def home_view(boards: Sequence[Standings]) -> dict[str, Any]:
    """Return what the list of boards shows."""
    return {"root": "", "cards": tuple(map(_card, boards))}


def guide_view(boards: Sequence[Standings]) -> dict[str, Any]:
    """Return what the guide shows: every metric of any board, once."""
    every = [metric for one in boards for metric in one.board.metrics]
    newest = {m.name: m for m in sorted(every, key=lambda metric: metric.version)}
    words = [words_of(newest[name]) for name in sorted(newest)]
    return {
        "root": "",
        "of_readers": tuple(one for one in words if not one.metric.of_network),
        "of_network": tuple(one for one in words if one.metric.of_network),
        "margins": tuple(sorted({one.board.margin for one in boards})),
        "meaning": MEANING,
        "anchor": metric_anchor,
    }


def _card(standings: Standings) -> BoardCard:
    board = standings.board
    whole = board.subsets[0]
    entries = sum(row.kind is EntryKind.ENTRY for row in whole.rows)
    return BoardCard(
        standings=standings,
        href=f"{file_stem(standings.name)}/index.html",
        size=tuple(
            counted(number, one, many)
            for number, one, many in (
                (entries, "entry", "entries"),
                (whole.n_images, "image", "images"),
                (len(board.metrics), "metric", "metrics"),
                (len(board.subsets) - 1, "subset", "subsets"),
            )
            if number
        ),
        sentences=tuple(in_words(standings, whole)) if board.metrics else (),
        badges=badges_of(standings),
    )
