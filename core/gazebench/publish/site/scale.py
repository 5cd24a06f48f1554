"""Where a score lies on a drawn axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gazebench.spec.board import BoardRow, Cell, MetricColumn
from gazebench.spec.values import EntryKind

ROOM = 0.04  # of the span, on both sides
STRETCHED = 1.5  # how much longer floors may make an axis
MOST_TICKS = 5
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A linear axis of `length` units; what lies outside is drawn at its end."""

    low: float
    high: float
    length: int

    def place(self, value: float) -> int:
        """Return where a value lies, from 0 to `length`.

        >>> Scale(low=0.5, high=1.0, length=200).place(0.75)
        100
        """
        share = (value - self.low) / (self.high - self.low)
        return round(self.length * min(max(share, 0.0), 1.0))

    def holds(self, value: float | None) -> bool:
        """Return whether a value lies within the axis."""
        return value is not None and self.low <= value <= self.high

    def ticks(self) -> tuple[float, ...]:
        """Return round values within the axis, at most `MOST_TICKS`.

        >>> Scale(low=0.43, high=0.68, length=200).ticks()
        (0.45, 0.5, 0.55, 0.6, 0.65)
        """
        span = self.high - self.low
        unit = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
        for step in (factor * unit for factor in STEPS):
            first, last = math.ceil(self.low / step), math.floor(self.high / step)
            if last - first < MOST_TICKS:
                break
        return tuple(round(index * step, 12) + 0.0 for index in range(first, last + 1))


def scale_of(rows: Iterable[BoardRow], metric: MetricColumn, length: int) -> Scale:
    """Return an axis on which the entries, the ceiling and chance have room.

    Floors have it where they are near: some metrics have floors so far away that all entries would
    be one dot.
    """
    values = [] if metric.chance is None or metric.of_network else [metric.chance]
    floors: list[float] = []
    for row in rows:
        ends = floors if row.kind is EntryKind.FLOOR else values
        ends += _extent(row.cells[metric.name])
    span, with_floors = _span(values), _span([*values, *floors])
    if with_floors.length <= STRETCHED * span.length:
        span = with_floors
    room = ROOM * span.length
    return Scale(low=span.low - room, high=span.high + room, length=length)


class _Span(NamedTuple):
    low: float
    high: float

    @property
    def length(self) -> float:
        return (self.high - self.low) or max(abs(self.high), 1.0)


def _span(values: Sequence[float]) -> _Span:
    return _Span(min(values, default=0.0), max(values, default=1.0))


def _extent(cell: Cell) -> list[float]:
    if cell.score is None:
        return []
    ends = [] if cell.interval is None else [cell.interval.low, cell.interval.high]
    return [cell.score, *ends]
