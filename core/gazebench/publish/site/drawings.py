"""Dots with whiskers before the readers' band, as the parts of inline SVG."""

from __future__ import annotations

from dataclasses import dataclass

from gazebench.publish.site.scale import Scale, scale_of
from gazebench.spec.board import Cell, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind

WIDTH, MIDDLE = 240, 8
TO_THE_LEFT, TO_THE_RIGHT = "M24 8H3l5-4m-5 4l5 4", "M216 8h21l-5-4m5 4l-5 4"
NOTHING = "M0 0"  # a path without an extent is not drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """The paths of one score: a line for its interval, a point for itself."""

    line: str
    dot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What all rows of a metric are drawn on.

    Attributes:
        band: left end and width of the ceiling's interval; None without a ceiling.
        chance: where chance level lies; None where it is measured, or outside.
        ticks: place -> label.
    """

    scale: Scale
    band: tuple[int, int] | None
    chance: int | None
    ticks: tuple[tuple[int, str], ...]


def axis_of(subset: SubsetBoard, metric: MetricColumn) -> Axis:
    """Return the axis of one metric within one subset."""
    scale = scale_of(subset.rows, metric, WIDTH)
    ceilings = [r.cells[metric.name] for r in subset.rows if r.kind is EntryKind.CEILING]
    chance = metric.chance
    return Axis(
        scale=scale,
        band=_band(ceilings[0], scale) if ceilings else None,
        chance=scale.place(chance) if chance is not None and scale.holds(chance) else None,
        ticks=tuple((scale.place(tick), f"{tick:g}") for tick in scale.ticks()),
    )


def whisker_of(cell: Cell, scale: Scale) -> Whisker | None:
    """Return how a score is drawn, outside the axis as an arrow; None where there is none."""
    if cell.score is None:
        return None
    if not scale.holds(cell.score):
        arrow = TO_THE_LEFT if cell.score < scale.low else TO_THE_RIGHT
        return Whisker(line=arrow, dot=NOTHING)
    low = high = scale.place(cell.score)
    dot = f"M{low} {MIDDLE}h0"
    if cell.interval is not None:
        low, high = scale.place(cell.interval.low), scale.place(cell.interval.high)
    return Whisker(line=f"M{low} {MIDDLE}h{high - low}", dot=dot)


def _band(ceiling: Cell, scale: Scale) -> tuple[int, int] | None:
    if ceiling.score is None:
        return None
    ends = (ceiling.score, ceiling.score)
    if ceiling.interval is not None:
        ends = ceiling.interval.low, ceiling.interval.high
    low, high = map(scale.place, ends)
    return low, max(high - low, 2)
