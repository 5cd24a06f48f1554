"""What is compared, for one entry in one part of the images: score, fraction of ceiling, gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gazebench.leaderboard.aggregate import MARGIN
from gazebench.leaderboard.cells import make_cell
from gazebench.leaderboard.contrast_values import Quantity, SubsetRow
from gazebench.leaderboard.grid import GridEntry
from gazebench.leaderboard.pool import NO_CEILING, NOT_MATCHED, ONE_READING, JointResamples
from gazebench.leaderboard.scored import why_unscored
from gazebench.spec.board import Interval, MetricColumn
from gazebench.stats.comparison import difference_of
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import percentile_interval

Found = Estimate | str  # an estimate, or why there is none


def estimate_of(
    joint: JointResamples, metric: MetricColumn, entry: GridEntry, part: str, quantity: Quantity
) -> Found:
    """Return an estimate, or the reason why there is none."""
    if entry.name not in joint.pool.scored[metric.name]:
        return why_unscored(joint.pool.grid, metric, entry)
    if quantity is Quantity.SCORE:
        return joint.score(metric.name, entry.name, part) or "no image has a score here"
    if quantity is Quantity.GAP:
        return gap_of(joint, metric, entry.name, part)
    fraction = joint.fraction(metric.name, entry.name, part)
    return fraction or joint.why_no_fraction(metric.name, part) or NOT_MATCHED


def gap_of(joint: JointResamples, metric: MetricColumn, entry: str, part: str) -> Found:
    """Return ceiling - score over the same readings, mirrored where lower is better."""
    if joint.pool.ceiling is None:
        return NO_CEILING
    ceiling = joint.score(metric.name, joint.pool.ceiling, part)
    matched = joint.matched(metric.name, entry, part)
    if ceiling is None:
        return ONE_READING
    if matched is None:
        return NOT_MATCHED
    if metric.higher_is_better:
        return difference_of(ceiling, matched)
    return difference_of(matched, ceiling)


def subset_rows(
    joint: JointResamples,
    metric: MetricColumn,
    entries: Iterable[GridEntry],
    subsets: Iterable[str],
) -> Iterator[SubsetRow]:
    """Yield what is known about every entry in every subset."""
    subsets = tuple(subsets)
    for entry in entries:
        for subset in subsets:
            yield _row(joint, metric, entry, subset)


def _row(joint: JointResamples, metric: MetricColumn, entry: GridEntry, subset: str) -> SubsetRow:
    cell = make_cell(joint, metric, entry, subset, margin=MARGIN)
    chance = joint.chance(metric.name, subset)
    ceiling = joint.score(metric.name, joint.pool.ceiling or "", subset)
    gap = estimate_of(joint, metric, entry, subset, Quantity.GAP)
    return SubsetRow(
        metric=metric.name,
        entry=entry.name,
        kind=entry.kind,
        subset=subset,
        n_images=cell.n_images,
        score=cell.score,
        interval=cell.interval,
        chance=None if chance is None else chance.point,
        ceiling=None if ceiling is None else ceiling.point,
        ceiling_interval=None if ceiling is None else percentile_interval(ceiling),
        fraction=cell.fraction,
        fraction_interval=cell.fraction_interval,
        gap=None if isinstance(gap, str) else gap.point,
        gap_interval=_interval(gap),
        note=cell.note,
        fraction_note=cell.fraction_note,
    )


def _interval(found: Found) -> Interval | None:
    return None if isinstance(found, str) else percentile_interval(found)
