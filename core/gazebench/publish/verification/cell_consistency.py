"""Whether the numbers of one metric in one subset can belong together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from gazebench.publish.verification.precision import Rounding, rounding_of
from gazebench.spec.board import Cell, Interval, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind
from gazebench.stats.ceiling import MEASURED_CHANCE


def cell_problems(
    subset: SubsetBoard,
    metric: MetricColumn,
    *,
    limits: tuple[float, float] | None,
    rounding: Rounding,
) -> Iterator[str]:
    """Yield one sentence per number that cannot be.

    `limits` are those of the metric, None where they are not known; `rounding` is that of the
    stated scores.
    """
    for row in subset.rows:
        where = f"{subset.name}, {metric.name}, {row.entry}"
        cell = row.cells[metric.name]
        problems = list(_not_numbers(cell)) or [
            *_counts(cell, subset),
            *_score(cell, limits, rounding),
            *_fraction(cell, subset, metric, rounding),
        ]
        yield from (f"{where}: {problem}" for problem in problems)


def _not_numbers(cell: Cell) -> Iterator[str]:
    bounds = [b for i in (cell.interval, cell.fraction_interval) if i for b in (i.low, i.high)]
    stated = [cell.score, cell.fraction, cell.coverage, cell.probability_best, *bounds]
    if any(number is not None and not math.isfinite(number) for number in stated):
        yield "a number is not finite"


def _counts(cell: Cell, subset: SubsetBoard) -> Iterator[str]:
    if not 0 <= cell.coverage <= 1:
        yield f"the coverage {cell.coverage:g} is not between 0 and 1"
    if not 0 <= cell.n_images <= subset.n_images:
        yield f"{cell.n_images} images are scored, the subset has {subset.n_images}"
    if cell.n_rows < cell.n_images:
        yield f"{cell.n_images} images need as many rows at least, found {cell.n_rows}"
    if cell.probability_best is not None and not 0 <= cell.probability_best <= 1:
        yield f"the probability of being best, {cell.probability_best:g}, is not between 0 and 1"


def _score(cell: Cell, limits: tuple[float, float] | None, rounding: Rounding) -> Iterator[str]:
    if cell.score is None:
        if cell.interval is not None:
            yield "there is an interval without a score"
        if not cell.note:
            yield "there is no score, and nobody says why"
        return
    exactly = rounding.of(cell.score)
    if limits is not None and not limits[0] - exactly <= cell.score <= limits[1] + exactly:
        yield f"the score {cell.score:g} is outside the metric's range {_range(limits)}"
    if cell.interval is not None:
        yield from _within("score", cell.score, cell.interval, rounding)
        if limits is not None and not _is_possible(cell.interval, limits):
            bounds = cell.interval.low, cell.interval.high
            yield f"the interval {_range(bounds)} is far beyond the metric's range {_range(limits)}"


def _is_possible(interval: Interval, limits: tuple[float, float]) -> bool:
    """Whether the mean of values within a range can have the interval.

    Those of Student's t reach beyond the range: of five values or more by less than its width.
    """
    low, high = limits
    return low - (high - low) <= interval.low and interval.high <= high + (high - low)


def _within(what: str, value: float, interval: Interval, rounding: Rounding) -> Iterator[str]:
    exactly = 2 * rounding.of(value, interval.low, interval.high)
    bounds = f"[{interval.low:g}, {interval.high:g}]"
    if interval.low > interval.high:
        yield f"the interval {bounds} of the {what} ends before it begins"
    elif not interval.low - exactly <= value <= interval.high + exactly:
        yield f"the {what} {value:g} is outside its interval {bounds}"


def _fraction(
    cell: Cell, subset: SubsetBoard, metric: MetricColumn, rounding: Rounding
) -> Iterator[str]:
    if cell.fraction is None:
        if cell.fraction_interval is not None:
            yield "there is an interval of a fraction of ceiling without the fraction"
        return
    if cell.fraction_interval is not None:
        bounds = cell.fraction_interval.low, cell.fraction_interval.high
        own = rounding_of([cell.fraction, *bounds])
        yield from _within("fraction of ceiling", cell.fraction, cell.fraction_interval, own)
    ceiling, chance = _level(subset, metric, _is_ceiling), metric.chance
    uniform = _level(subset, metric, lambda entry, _kind: entry == MEASURED_CHANCE)
    if chance is None and uniform is not None:
        chance = uniform.score
    levels = [level for level in (ceiling, uniform if metric.chance is None else None) if level]
    if cell.score is None or ceiling is None or ceiling.score is None or chance is None:
        return
    if any(not _of_the_same_rows(cell, level) for level in levels):
        return  # fractions are over the rows that have a ceiling: other rows than the score's
    exactly = rounding.of(cell.score, ceiling.score, chance)
    yield from _not_the_ratio(cell.score, ceiling.score, chance, cell.fraction, exactly)


def _of_the_same_rows(cell: Cell, level: Cell) -> bool:
    return cell.n_rows == level.n_rows and cell.coverage == level.coverage == 1


def _not_the_ratio(
    score: float, ceiling: float, chance: float, fraction: float, exactly: float
) -> Iterator[str]:
    span = ceiling - chance
    if abs(span) <= 2 * exactly:
        return  # rounding leaves nothing to divide by
    ratio = (score - chance) / span
    # First order in the roundings of the score, the ceiling and a chance that is measured too.
    error = exactly * (1 + abs(ratio) + abs(1 - ratio)) / (abs(span) - 2 * exactly)
    if abs(ratio - fraction) > error + rounding_of([fraction]).of(fraction):
        yield (
            f"the fraction of ceiling {fraction:g} is not ({score:g} - {chance:g}) / "
            f"({ceiling:g} - {chance:g}) = {ratio:.6g}"
        )


def _level(
    subset: SubsetBoard, metric: MetricColumn, chosen: Callable[[str, EntryKind], bool]
) -> Cell | None:
    found = (row.cells.get(metric.name) for row in subset.rows if chosen(row.entry, row.kind))
    return next(found, None)


def _is_ceiling(_entry: str, kind: EntryKind) -> bool:
    return kind is EntryKind.CEILING


def _range(limits: tuple[float, float]) -> str:
    return f"[{limits[0]:g}, {limits[1]:g}]"
