"""The differences that a printed table shows, tested: between entries, and between subsets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.contrast_values import Contrast, Quantity, Test
from gazebench.leaderboard.contrasts import Wanted, analyse_subsets
from gazebench.leaderboard.pool import ALL, JointResamples, make_pool
from gazebench.leaderboard.replication import PrintedDifference, SeedCount
from gazebench.leaderboard.scored_table import ScoredTable
from gazebench.spec.board import Board, BoardRow, Interval
from gazebench.spec.published import PublishedTable
from gazebench.stats.comparison import compare
from gazebench.stats.holm import holm


def table_differences(
    table: PublishedTable, scores: ScoredTable, printed: Board, resamples: int
) -> Iterator[PrintedDifference]:
    """Test what stands beside each other in a table: entries, and one entry's subsets.

    `scores` are those of the table's file, `printed` is their board by the published formula. All
    pairs of entries are tested on every metric of which the table prints something for all images;
    subsets where it prints the same entry and metric for both. Corrected by Holm for each metric,
    over all pairs and over all entries, printed or not.
    """
    joint = JointResamples(make_pool(scores.scores, scores.metrics), scores.subsets, resamples)
    figures = [f for f in table.figures if f.metric in scores.metrics]
    for metric in dict.fromkeys(f.metric for f in figures if f.subset == ALL):
        yield from _between_entries(table, metric, joint, printed)
    names = dict.fromkeys(f.subset for f in figures if f.subset in scores.subsets)
    if len(names) > 1:
        yield from _between_subsets(table, list(names), scores, joint, printed, resamples)


def _between_entries(
    table: PublishedTable, metric: str, joint: JointResamples, printed: Board
) -> Iterator[PrintedDifference]:
    rows = next(subset.rows for subset in printed.subsets if subset.name == ALL)
    tested = [_pair(table, metric, a, b, joint) for a, b in _ordered(rows, metric, joint)]
    adjusted = holm(np.array([pair.p_holm for pair in tested]))
    for pair, p_holm in zip(tested, adjusted, strict=True):
        yield replace(pair, p_holm=float(p_holm))


def _between_subsets(
    table: PublishedTable,
    names: Sequence[str],
    scores: ScoredTable,
    joint: JointResamples,
    printed: Board,
    resamples: int,
) -> Iterator[PrintedDifference]:
    shown = {(f.entry, f.metric, f.subset) for f in table.figures}
    metrics = {f.metric for f in table.figures if f.subset in names}
    found = analyse_subsets(
        scores.scores,
        metrics=scores.metrics,
        subsets={name: scores.subsets[name] for name in names},
        dataset=scores.dataset,
        wanted=Wanted(metrics=tuple(metric for metric in scores.metrics if metric in metrics)),
        resamples=resamples,
    )
    for one in found.contrasts:
        places = {(side.entry, one.metric, side.subset) for side in (one.first, one.second)}
        if one.quantity is Quantity.SCORE and one.test is not Test.PAIRED and shown >= places:
            yield from _subset_difference(table, one, joint, printed)


def _subset_difference(
    table: PublishedTable, one: Contrast, joint: JointResamples, printed: Board
) -> Iterator[PrintedDifference]:
    if one.difference is None or one.p_holm is None:
        return
    higher = joint.pool.metric(one.metric).higher_is_better
    is_turned = (one.difference < 0) == higher
    a, b = (one.second, one.first) if is_turned else (one.first, one.second)
    interval = one.interval
    if interval is not None and is_turned:
        interval = Interval(low=-interval.high, high=-interval.low)
    yield PrintedDifference(
        table=table.title,
        metric=one.metric,
        a=a.entry,
        b=b.entry,
        subset_a=a.subset,
        subset_b=b.subset,
        difference=-one.difference if is_turned else one.difference,
        interval=interval,
        p_holm=one.p_holm,
        apart=_are_apart(
            *(_published(printed, side.entry, one.metric, side.subset) for side in (a, b))
        ),
        seeds=_in_seeds(joint, one.metric, (a.entry, a.subset), (b.entry, b.subset)),
    )


def _ordered(
    rows: Sequence[BoardRow], metric: str, joint: JointResamples
) -> Iterator[tuple[BoardRow, BoardRow]]:
    """Yield all pairs of rows that have a score, the better one first."""
    sign = -1 if joint.pool.metric(metric).higher_is_better else 1
    scored = [row for row in rows if row.cells[metric].score is not None]
    best_first = sorted(scored, key=lambda row: sign * (row.cells[metric].score or 0.0))
    yield from combinations(best_first, 2)


def _pair(
    table: PublishedTable, metric: str, a: BoardRow, b: BoardRow, joint: JointResamples
) -> PrintedDifference:
    first, second = (joint.score(metric, row.entry) for row in (a, b))
    assert first is not None, "a row with a score has one here too"
    assert second is not None, "a row with a score has one here too"
    test = compare(first, second)
    return PrintedDifference(
        table=table.title,
        metric=metric,
        a=a.entry,
        b=b.entry,
        difference=test.difference,
        interval=test.interval,
        p_holm=test.p_value,
        apart=_are_apart(*(row.cells[metric].interval for row in (a, b))),
        seeds=_in_seeds(joint, metric, (a.entry, ALL), (b.entry, ALL)),
    )


def _published(printed: Board, entry: str, metric: str, name: str) -> Interval | None:
    subset = next(subset for subset in printed.subsets if subset.name == name)
    row = next(row for row in subset.rows if row.entry == entry)
    return row.cells[metric].interval


def _are_apart(a: Interval | None, b: Interval | None) -> bool:
    return a is not None and b is not None and (a.low > b.high or b.low > a.high)


def _in_seeds(
    joint: JointResamples, metric: str, a: tuple[str, str], b: tuple[str, str]
) -> SeedCount | None:
    """Count the seeds in which `a`, an entry in a subset, is better than `b`.

    Seeds are paired by their order; an entry with one seed stands beside each of the other's.
    """
    first, second = (_by_seed(joint, metric, *place) for place in (a, b))
    number = max(len(first), len(second))
    if number < 2 or {len(first), len(second)} > {1, number}:
        return None
    sign = 1 if joint.pool.metric(metric).higher_is_better else -1
    return SeedCount(better=int(np.sum(sign * (first - second) > 0)), of=number)


def _by_seed(joint: JointResamples, metric: str, entry: str, subset: str) -> NDArray[np.float64]:
    """Return an entry's score in every seed, [seeds]."""
    scored = joint.pool.scored[metric][entry]
    values = scored.values[joint.members[subset][joint.pool.grid.case_of_unit]]
    values = values[:, np.isfinite(values).any(axis=0)]
    return np.nanmean(values, axis=0) if values.size else np.empty(0)
