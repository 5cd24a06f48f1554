"""The plane of two questions, drawn as SVG: agreement with readers, faithfulness to the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gazebench.leaderboard.plane_figure import Plane
from gazebench.publish.site import links
from gazebench.publish.site.scale import Scale, scale_of
from gazebench.spec.board import BoardRow, Cell, Interval, MetricColumn

SIZE = 320  # of a panel
NUMBERED = 30  # dots; more numbers would hide each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """An entry with both scores; positions in the panel, the origin at its upper left."""

    number: int
    name: str
    href: str
    x: int
    y: int
    whiskers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One metric of the network against the metric of the readers; better is up and right."""

    across: MetricColumn
    up: MetricColumn
    dots: tuple[Dot, ...]
    band: tuple[int, int] | None
    chances: str
    x_ticks: tuple[tuple[int, str], ...]
    y_ticks: tuple[tuple[int, str], ...]


def panels_of(plane: Plane) -> Iterator[Panel]:
    """Yield a panel for each metric of the network."""
    across = plane.agreement
    for up in plane.faithfulness:
        rows = [row for row in plane.rows if row.cells[up.name].score is not None]
        if not rows:
            continue
        x, y = _Side(plane.rows, across, plane.ceiling), _Side(rows, up, None, is_upright=True)
        yield Panel(
            across=across,
            up=up,
            dots=tuple(_dots(plane.rows, across, up, x, y)),
            band=x.span(plane.ceiling),
            chances=_chances(across, up, x, y),
            x_ticks=x.ticks(),
            y_ticks=y.ticks(),
        )


class _Side:
    """An axis on which better is always to the right, or up."""

    def __init__(
        self,
        rows: Sequence[BoardRow],
        metric: MetricColumn,
        ceiling: Cell | None,
        *,
        is_upright: bool = False,
    ) -> None:
        ends = [ceiling.score] if ceiling is not None and ceiling.score is not None else []
        if ceiling is not None and ceiling.interval is not None:
            ends = [ceiling.interval.low, ceiling.interval.high]
        plain = scale_of(rows, metric, SIZE)
        self._scale = Scale(low=min([plain.low, *ends]), high=max([plain.high, *ends]), length=SIZE)
        self._is_reversed = metric.higher_is_better is is_upright

    def place(self, value: float) -> int:
        place = self._scale.place(value)
        return SIZE - place if self._is_reversed else place

    def ticks(self) -> tuple[tuple[int, str], ...]:
        return tuple((self.place(tick), f"{tick:g}") for tick in self._scale.ticks())

    def holds(self, value: float | None) -> bool:
        return self._scale.holds(value)

    def span(self, cell: Cell | None) -> tuple[int, int] | None:
        """Return where an interval begins and how long it is."""
        if cell is None or cell.score is None:
            return None
        found = cell.interval or Interval(low=cell.score, high=cell.score)
        low, high = sorted((self.place(found.low), self.place(found.high)))
        return low, max(high - low, 2)


def _dots(
    rows: Sequence[BoardRow], across: MetricColumn, up: MetricColumn, x: _Side, y: _Side
) -> Iterator[Dot]:
    for number, row in enumerate(rows, start=1):
        right, high = row.cells[across.name], row.cells[up.name]
        if right.score is None or high.score is None:
            continue
        at_x, at_y = x.place(right.score), y.place(high.score)
        whiskers = ""
        if right.interval is not None:
            start, length = x.span(right) or (0, 0)
            whiskers += f"M{start} {at_y}h{length}"
        if high.interval is not None:
            start, length = y.span(high) or (0, 0)
            whiskers += f"M{at_x} {start}v{length}"
        yield Dot(
            number=number,
            name=row.entry,
            href=links.entry_page(row.entry),
            x=at_x,
            y=at_y,
            whiskers=whiskers,
        )


def _chances(across: MetricColumn, up: MetricColumn, x: _Side, y: _Side) -> str:
    path = ""
    if x.holds(across.chance):
        path += f"M{x.place(across.chance or 0.0)} 0v{SIZE}"
    if y.holds(up.chance):
        path += f"M0 {y.place(up.chance or 0.0)}h{SIZE}"
    return path
