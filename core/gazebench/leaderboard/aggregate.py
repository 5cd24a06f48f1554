"""From score rows to a board."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError, UsageError
from gazebench.leaderboard.cells import Ceiling, Within, ceiling_of, make_cell
from gazebench.leaderboard.grid import Grid, GridEntry, make_grid
from gazebench.leaderboard.ranking import ranked_rows
from gazebench.leaderboard.resampling import ImageTotals, image_totals, joint_estimates
from gazebench.leaderboard.scored import Scored, scored_entries, why_unscored
from gazebench.spec.board import Board, BoardRow, Cell, MetricColumn, SubsetBoard
from gazebench.spec.suggest import suggest
from gazebench.spec.values import EntryKind
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import IntervalKind

ALL = "all"
PREFERRED = "sauc"  # discounts the centre bias, which alone gets far in every other metric
RESAMPLES = 10_000


def build_board(
    scores: Any,
    *,
    metrics: Mapping[str, MetricColumn],
    interval: str = IntervalKind.BOOTSTRAP,
    rank_by: str | None = None,
    subsets: Mapping[str, Collection[str]],
    dataset: str,
    centre_bias: str = "",
    notices: Sequence[str] = (),
    not_applicable: Mapping[str, str],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Board:
    """Aggregate a table of score rows into a leaderboard.

    `scores` has the columns of `gazebench.spec.values.ScoreRow`; `subsets` maps names to case ids.
    An entry's score is the mean over its rows. A row without a value scores the floor (see
    `scored_entries`), is counted, and lowers the coverage. Intervals and fractions of the ceiling
    of one subset come from the same resamples of its images; the order of rows has no influence.

    Raises:
        DataError: no rows, a row twice, two ceilings, an entry of two kinds.
        UsageError: `rank_by` is not one of the metrics.
    """
    ranking = _ranking_metric(metrics, rank_by)
    pool = _pool(make_grid(scores), tuple(metrics.values()))
    kind = _interval_kind(interval)
    everything = {ALL: pool.grid.cases, **subsets}
    drawn = 0 if kind is IntervalKind.PAPER else resamples
    return Board(
        dataset=dataset,
        metrics=pool.metrics,
        rank_by=ranking.name,
        interval=kind.in_words(resamples),
        centre_bias=centre_bias,
        subsets=tuple(
            _subset_board(
                pool, name, _members(pool.grid, cases), ranking, kind=kind, draws=(drawn, seed)
            )
            for name, cases in everything.items()
        ),
        notices=tuple(notices),
        not_applicable=dict(not_applicable),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pool:
    """Everything scored, over all images; subsets choose from it.

    `totals` holds what is resampled, by (metric, entry, "score" or "matched").
    """

    grid: Grid
    metrics: tuple[MetricColumn, ...]
    scored: Mapping[str, Mapping[str, Scored]]
    ceiling: str | None
    totals: Mapping[tuple[str, ...], ImageTotals]


def _pool(grid: Grid, metrics: tuple[MetricColumn, ...]) -> _Pool:
    ceilings = [entry.name for entry in grid.entries if entry.kind is EntryKind.CEILING]
    if len(ceilings) > 1:
        raise DataError(
            f"there are {len(ceilings)} ceilings ({', '.join(ceilings)}); a board has one",
            do="keep one, or say which with --ceiling NAME",
        )
    ceiling = ceilings[0] if ceilings else None
    scored = {metric.name: scored_entries(grid, metric) for metric in metrics}
    totals: dict[tuple[str, ...], ImageTotals] = {}
    for metric, entries in scored.items():
        comparable = _has_value(entries[ceiling]) if ceiling in entries else None
        for entry, found in entries.items():
            totals |= _totals(grid, (metric, entry), found, comparable)
    return _Pool(grid=grid, metrics=metrics, scored=scored, ceiling=ceiling, totals=totals)


def _totals(
    grid: Grid,
    key: tuple[str, str],
    scored: Scored,
    comparable: NDArray[np.bool_] | None,
) -> dict[tuple[str, ...], ImageTotals]:
    def within(units: NDArray[np.bool_]) -> ImageTotals:
        return image_totals(scored, units, grid.case_of_unit, len(grid.cases))

    everywhere = np.ones(len(grid.case_of_unit), dtype=np.bool_)
    totals: dict[tuple[str, ...], ImageTotals] = {(*key, "score"): within(everywhere)}
    if comparable is not None and np.any(_has_value(scored) & ~comparable):
        totals[(*key, "matched")] = within(comparable)
    return totals


def _has_value(scored: Scored) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(scored.values).any(axis=1), dtype=np.bool_)


def _subset_board(
    pool: _Pool,
    name: str,
    images: NDArray[np.bool_],
    ranking: MetricColumn,
    *,
    kind: IntervalKind,
    draws: tuple[int, int],
) -> SubsetBoard:
    if not images.any():
        return SubsetBoard(name=name, n_images=0, rows=(), note="no scored image is in this subset")
    resamples, seed = draws
    estimates = joint_estimates(pool.totals, images, resamples=resamples, seed=seed)
    case_of_unit = pool.grid.case_of_unit
    within = Within(units=images[case_of_unit], images=case_of_unit, kind=kind)
    ceilings = {m.name: _ceiling(pool, m, estimates, within) for m in pool.metrics}
    rows = [
        BoardRow(
            entry=entry.name,
            kind=entry.kind,
            rank=None,
            cells={
                m.name: _cell(pool, entry, m, estimates, ceilings, within) for m in pool.metrics
            },
        )
        for entry in pool.grid.entries
    ]
    return SubsetBoard(
        name=name,
        n_images=int(images.sum()),
        rows=ranked_rows(rows, pool.metrics, rank_by=ranking),
        note=_subset_note(ceilings),
    )


def _ceiling(
    pool: _Pool,
    metric: MetricColumn,
    estimates: Mapping[tuple[str, ...], Estimate],
    within: Within,
) -> Ceiling:
    name = pool.ceiling or ""
    scored = pool.scored[metric.name].get(name)
    return ceiling_of(scored, estimates.get((metric.name, name, "score")), within)


def _cell(
    pool: _Pool,
    entry: GridEntry,
    metric: MetricColumn,
    estimates: Mapping[tuple[str, ...], Estimate],
    ceilings: Mapping[str, Ceiling],
    within: Within,
) -> Cell:
    scored = pool.scored[metric.name].get(entry.name)
    if scored is None:
        why = why_unscored(pool.grid, metric, entry)
        return Cell(score=None, coverage=0.0, n_images=0, n_rows=0, note=why, fraction_note=why)
    score = estimates[metric.name, entry.name, "score"]
    matched = estimates.get((metric.name, entry.name, "matched"), score)
    means = {"score": score, "matched": matched}
    return make_cell(scored, means, ceilings[metric.name], within)


def _subset_note(ceilings: Mapping[str, Ceiling]) -> str:
    problems: dict[str, list[str]] = {}
    for metric, ceiling in ceilings.items():
        if ceiling.problem:
            problems.setdefault(ceiling.problem, []).append(metric)
    return "; ".join(
        f"no fraction of ceiling on {', '.join(metrics)}: {problem}"
        for problem, metrics in problems.items()
    )


def _members(grid: Grid, cases: Collection[str]) -> NDArray[np.bool_]:
    chosen = frozenset(cases)
    return np.array([case in chosen for case in grid.cases], dtype=np.bool_)


def _ranking_metric(metrics: Mapping[str, MetricColumn], rank_by: str | None) -> MetricColumn:
    if not metrics:
        raise UsageError("a board needs at least one metric")
    if rank_by is None:
        return metrics.get(PREFERRED) or next(iter(metrics.values()))
    if rank_by not in metrics:
        hint = suggest(rank_by, metrics)
        raise UsageError(
            f"cannot rank by {rank_by!r}: it is not among the scores"
            + (f"; {hint}" if hint else ""),
            do=f"rank by one of {', '.join(metrics)}",
        )
    return metrics[rank_by]


def _interval_kind(text: str) -> IntervalKind:
    kinds = [str(kind) for kind in IntervalKind]
    if text in kinds:
        return IntervalKind(text)
    hint = suggest(text, kinds)
    raise UsageError(
        f"no interval is called {text!r}" + (f"; {hint}" if hint else ""),
        do=f"choose among {', '.join(kinds)}",
    )
