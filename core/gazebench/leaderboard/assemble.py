"""From cells, one metric and subset at a time, to the ordered rows of a board."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from gazebench.leaderboard.ranking import in_order, with_places
from gazebench.spec.board import BoardRow, Cell, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind
from gazebench.stats.estimate import Estimate

Cells = dict[tuple[str, str], dict[str, Cell]]  # (subset, metric) -> entry -> cell


class Part(NamedTuple):
    """One metric within one subset.

    Attributes:
        cells: of every row, all but their places.
        scores: of the entries that are ranked; resampled jointly where that was possible.
    """

    cells: Mapping[str, Cell]
    scores: Mapping[str, Estimate]


class Source(Protocol):
    """Whatever rows of a board can be made of."""

    @property
    def metrics(self) -> tuple[MetricColumn, ...]:
        """Every metric, in the order of the columns."""

    @property
    def kinds(self) -> Mapping[str, EntryKind]:
        """Every row's name, and what it is."""

    @property
    def images(self) -> Mapping[str, int]:
        """Every subset, in the order of the board, and how many images it has."""

    def part(self, metric: MetricColumn, subset: str) -> Part:
        """Return the cells of a subset that has images."""

    def note(self, subset: str, cells: Cells) -> str:
        """Say what holds for a whole subset; "" for nothing."""


def assemble(
    source: Source,
    ranking: MetricColumn,
    *,
    watch: Callable[[MetricColumn, str, Part], None] = lambda _metric, _subset, _part: None,
) -> tuple[SubsetBoard, ...]:
    """Place the entries of every metric and subset, and order the rows by `ranking`.

    `watch` is told every metric, subset and part.
    """
    cells: Cells = {}
    for metric in source.metrics:  # one after the other: only one is resampled at a time
        for subset, images in source.images.items():
            if images:
                part = source.part(metric, subset)
                watch(metric, subset, part)
                cells[subset, metric.name] = with_places(
                    part.cells, part.scores, higher_is_better=metric.higher_is_better
                )
    return tuple(_subset_board(source, subset, cells, ranking) for subset in source.images)


def _subset_board(source: Source, name: str, cells: Cells, ranking: MetricColumn) -> SubsetBoard:
    images = source.images[name]
    if not images:
        return SubsetBoard(name=name, n_images=0, rows=(), note="no scored image is in this subset")
    rows = [
        BoardRow(
            entry=entry,
            kind=kind,
            rank=cells[name, ranking.name][entry].rank,
            cells={metric.name: cells[name, metric.name][entry] for metric in source.metrics},
        )
        for entry, kind in source.kinds.items()
    ]
    return SubsetBoard(
        name=name,
        n_images=images,
        rows=in_order(rows, rank_by=ranking),
        note=source.note(name, cells),
    )
