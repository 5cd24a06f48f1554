"""Two boards that should be the same, held against each other number by number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gazebench.spec.board import Board, BoardRow, Cell, Interval, SubsetBoard


class Place(NamedTuple):
    """Where a number stands."""

    subset: str
    metric: str
    entry: str

    def __str__(self) -> str:
        return f"{self.subset}, {self.metric}, {self.entry}"


class Pair(NamedTuple):
    """A number of both boards; `what` names it ("score", "low end of the interval")."""

    place: Place
    what: str
    stated: float | None
    found: float | None

    @property
    def difference(self) -> float:
        """How far they are apart; infinite where only one is there."""
        if self.stated is None or self.found is None:
            return 0.0 if self.stated is self.found else math.inf
        return abs(self.stated - self.found)


Numbers = Callable[[Cell], dict[str, float | None]]


def all_numbers(cell: Cell) -> dict[str, float | None]:
    """Return everything that is measured in a cell."""
    return {
        **scores(cell),
        "fraction of ceiling": cell.fraction,
        **_ends("fraction's interval", cell.fraction_interval),
        "probability of being best": cell.probability_best,
        "coverage": cell.coverage,
    }


def scores(cell: Cell) -> dict[str, float | None]:
    """Return the score and the ends of its interval."""
    return {"score": cell.score, **_ends("interval", cell.interval)}


def paired(stated: Board, found: Board, numbers: Numbers) -> Iterator[Pair]:
    """Yield every number of the cells that both boards have, those of `stated` in its order."""
    other = {s.name: {row.entry: row for row in s.rows} for s in found.subsets}
    for subset in stated.subsets:
        for row in subset.rows:
            twin = other.get(subset.name, {}).get(row.entry)
            for metric in row.cells:
                if twin is None or metric not in twin.cells:
                    continue
                place = Place(subset.name, metric, row.entry)
                beside = numbers(twin.cells[metric])
                for what, value in numbers(row.cells[metric]).items():
                    yield Pair(place, what, value, beside[what])


def structure(stated: Board, found: Board) -> Iterator[str]:
    """Yield one sentence per subset, entry, metric or count that only one board has."""
    yield from _unlike("metrics", _metrics(stated), _metrics(found))
    yield from _unlike("ranking metric", stated.rank_by, found.rank_by)
    yield from _unlike("subsets", _names(stated.subsets), _names(found.subsets))
    other = {subset.name: subset for subset in found.subsets}
    for subset in stated.subsets:
        if subset.name in other:
            yield from _subset(subset, other[subset.name])


def verdicts(stated: Board, found: Board) -> Iterator[str]:
    """Yield one sentence per rank, group, verdict or note that differs, and per wrong order."""
    for what in ("interval", "differences", "margin"):
        yield from _unlike(what, getattr(stated, what), getattr(found, what))
    other = {subset.name: subset for subset in found.subsets}
    for subset in stated.subsets:
        if subset.name not in other:
            continue
        beside = other[subset.name]
        order = [row.entry for row in subset.rows], [row.entry for row in beside.rows]
        if sorted(order[0]) == sorted(order[1]):
            yield from _unlike(f"{subset.name}: order of rows", *map(", ".join, order))
        yield from _unlike(f"{subset.name}: note", subset.note, beside.note)
        twins = {row.entry: row for row in beside.rows}
        for row in subset.rows:
            if row.entry in twins:
                yield from _row_verdicts(subset.name, row, twins[row.entry])


def _row_verdicts(subset: str, row: BoardRow, twin: BoardRow) -> Iterator[str]:
    yield from _unlike(f"{subset}, {row.entry}: rank", row.rank, twin.rank)
    for metric in row.cells:
        if metric not in twin.cells:
            continue
        cell, beside = row.cells[metric], twin.cells[metric]
        for what in ("rank", "ranks", "tie_group", "like_a_reader", "note", "fraction_note"):
            name = f"{Place(subset, metric, row.entry)}: {what.replace('_', ' ')}"
            yield from _unlike(name, _plain(getattr(cell, what)), _plain(getattr(beside, what)))


def _subset(stated: SubsetBoard, found: SubsetBoard) -> Iterator[str]:
    yield from _unlike(f"{stated.name}: images", stated.n_images, found.n_images)
    rows = {row.entry: row for row in found.rows}
    own = {row.entry for row in stated.rows}
    for entry in sorted(own - rows.keys()):
        yield f"{stated.name}: {entry} is stated, and not found"
    for entry in sorted(rows.keys() - own):
        yield f"{stated.name}: {entry} is found, and not stated"
    for row in stated.rows:
        if row.entry in rows:
            yield from _row(stated.name, row, rows[row.entry])


def _row(subset: str, stated: BoardRow, found: BoardRow) -> Iterator[str]:
    yield from _unlike(f"{subset}, {stated.entry}: kind", str(stated.kind), str(found.kind))
    yield from _unlike(
        f"{subset}, {stated.entry}: metrics", _listed(stated.cells), _listed(found.cells)
    )
    for metric, cell in stated.cells.items():
        if metric not in found.cells:
            continue
        for what in ("n_images", "n_rows"):
            name = f"{Place(subset, metric, stated.entry)}: {what.removeprefix('n_')}"
            yield from _unlike(name, getattr(cell, what), getattr(found.cells[metric], what))


def _unlike(what: str, stated: object, found: object) -> Iterator[str]:
    if stated != found:
        yield f"{what}: stated {_shown(stated)}, found {_shown(found)}"


def _shown(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)


def _plain(value: object) -> object:
    """Write a pair of ranks as people do."""
    return " to ".join(map(str, value)) if isinstance(value, tuple) else value


def _metrics(board: Board) -> str:
    return _listed(f"{metric.name} (version {metric.version})" for metric in board.metrics)


def _names(subsets: tuple[SubsetBoard, ...]) -> str:
    return _listed(subset.name for subset in subsets)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _ends(what: str, interval: Interval | None) -> dict[str, float | None]:
    low, high = (interval.low, interval.high) if interval else (None, None)
    return {f"low end of the {what}": low, f"high end of the {what}": high}
