"""Two entries of one table against each other: metric by metric, subset by subset."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import UsageError
from gazebench.leaderboard.pool import ALL, RESAMPLES, JointResamples, Pool, make_pool
from gazebench.leaderboard.scored import Scored, why_unscored
from gazebench.leaderboard.scored_table import ScoredTable
from gazebench.spec.board import Interval, MetricColumn
from gazebench.spec.suggest import suggest
from gazebench.stats.comparison import EQUAL, Comparison, compare, difference_of
from gazebench.stats.holm import holm
from gazebench.stats.intervals import quantile_interval
from gazebench.stats.power import images_to_separate

ALPHA = 0.05
ONE_IMAGE = "one image cannot show a difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wins:
    """On how many images which entry is better; `ties` counts equal means."""

    a: int
    b: int
    ties: int

    @property
    def rate(self) -> float:
        """The share of images on which A is better, in [0, 1]."""
        return self.a / (self.a + self.b + self.ties)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    """A against B on one metric within one subset.

    Attributes:
        score_a: mean over the readings for which both have a value that counts; None where there
            is none, and then `note` says why.
        difference: A - B; its interval and standard error are of the paired bootstrap.
        p_value: two-sided; None with fewer than two clusters.
        p_holm: corrected for everything that is compared together.
        better: the entry that is better by the metric's direction; None while not separated.
        more_images: how many more images (or patients) would separate them with a power of 80 %;
            0 where they are separated, None where nothing can be forecast.
        n_images: images on which both are scored.
        note: what a reader must know.
    """

    metric: MetricColumn
    subset: str
    score_a: float | None = None
    score_b: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    standard_error: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    better: str | None = None
    wins: Wins | None = None
    more_images: int | None = None
    n_images: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryComparison:
    """Everything compared between two entries, subset by subset.

    Attributes:
        unit: what is resampled: "images" or "patients".
        subsets: those compared, with the number of their images.
    """

    dataset: str
    a: str
    b: str
    alpha: float
    resamples: int
    unit: str
    subsets: dict[str, int]
    rows: tuple[MetricComparison, ...]
    notices: tuple[str, ...] = ()

    def verdict(self, row: MetricComparison) -> str:
        """Say a row's outcome in words."""
        if row.difference is None:
            return "not comparable"
        names = {self.a: "A is better", self.b: "B is better", None: "not separated"}
        return names[row.better]


def compare_entries(
    table: ScoredTable,
    a: str,
    b: str,
    *,
    metrics: Sequence[str] = (),
    subsets: Sequence[str] = (),
    alpha: float = ALPHA,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> EntryComparison:
    """Compare two entries; ceiling and floors may take part.

    Both are scored on the same readings, and the same images are drawn for both. `metrics` and
    `subsets` choose among those of the table; empty for all. Holm's correction goes over all that
    is chosen.

    Raises:
        UsageError: an unknown entry, metric or subset; an entry against itself; `alpha` or
            `resamples` out of range.
        DataError: the scores cannot be arranged (see `make_pool`).
    """
    if not 0 < alpha < 1:
        raise UsageError(f"alpha must lie between 0 and 1, found {alpha:g}", do="leave it at 0.05")
    if resamples < 2:
        raise UsageError(f"{resamples} resamples tell nothing", do="take 10,000")
    chosen = choose("metric", metrics, table.metrics)
    wanted = choose("subset", subsets, (ALL, *table.subsets))
    pool = make_pool(table.scores, table.metrics)
    for name in (a, b):
        choose("entry", (name,), [entry.name for entry in pool.grid.entries])
    if a == b:
        raise UsageError(f"{a!r} is compared with itself", do="name two entries")
    joint = JointResamples(_paired(pool, a, b), table.subsets, resamples, seed)
    found = [
        _compared(pool, joint, table.metrics[metric], subset, (a, b), alpha)
        for subset in wanted
        for metric in chosen
    ]
    return EntryComparison(
        dataset=table.dataset,
        a=a,
        b=b,
        alpha=alpha,
        resamples=resamples,
        unit="images" if pool.over == "images" else "patients",
        subsets={name: int(joint.members[name].sum()) for name in wanted},
        rows=_judged(found, (a, b), alpha),
        notices=table.notices,
    )


def choose(what: str, wanted: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the names asked for, or all of them when none is.

    Raises:
        UsageError: a name is not known.
    """
    for name in wanted:
        if name not in known:
            hint = suggest(name, known)
            raise UsageError(
                f"no {what} is called {name!r}, of {len(known)}" + (f"; {hint}" if hint else ""),
                do=f"choose among {', '.join(known)}",
            )
    return tuple(dict.fromkeys(wanted)) or tuple(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """A row before the correction, with its test."""

    row: MetricComparison
    test: Comparison | None = None


def _paired(pool: Pool, a: str, b: str) -> Pool:
    """Return the two entries alone, with only the readings for which both have a value."""
    return replace(
        pool,
        scored={
            metric: _on_common_readings(entries[a], entries[b])
            for metric, entries in pool.scored.items()
            if a in entries and b in entries
        },
    )


def _on_common_readings(a: Scored, b: Scored) -> dict[str, Scored]:
    both = (_has_value(a) & _has_value(b))[:, None]
    return {
        one.entry.name: replace(one, values=np.where(both, one.values, np.nan)) for one in (a, b)
    }


def _has_value(scored: Scored) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(scored.values).any(axis=1), dtype=np.bool_)


def _compared(
    pool: Pool,
    joint: JointResamples,
    metric: MetricColumn,
    subset: str,
    names: tuple[str, str],
    alpha: float,
) -> _Tested:
    row = MetricComparison(metric=metric, subset=subset)
    if metric.name not in joint.pool.scored:
        return _Tested(row=replace(row, note=_why_not_both(pool, metric, names)))
    a, b = (joint.score(metric.name, name, subset) for name in names)
    if a is None or b is None:
        empty = not joint.members[subset].any()
        why = "no scored image is in this subset" if empty else "no reading has a value of both"
        return _Tested(row=replace(row, note=why))
    test = compare(a, b)
    row = replace(
        row,
        score_a=a.point,
        score_b=b.point,
        difference=test.difference,
        interval=quantile_interval(difference_of(a, b), (alpha / 2, 1 - alpha / 2)),
        standard_error=None if math.isnan(test.standard_error) else test.standard_error,
        p_value=None if math.isnan(test.p_value) else test.p_value,
        wins=_wins(joint, metric, subset, names),
        n_images=joint.n_images(metric.name, names[0], subset),
        note=_note(pool, joint, metric.name, subset, names),
    )
    return _Tested(row=row, test=test)


def _why_not_both(pool: Pool, metric: MetricColumn, names: Iterable[str]) -> str:
    entries = {entry.name: entry for entry in pool.grid.entries}
    unscored = [name for name in names if name not in pool.scored[metric.name]]
    return "; ".join(
        f"{name}: {why_unscored(pool.grid, metric, entries[name])}" for name in unscored
    )


def _note(
    pool: Pool, joint: JointResamples, metric: str, subset: str, names: tuple[str, str]
) -> str:
    units = joint.members[subset][pool.grid.case_of_unit]
    counts = [_has_value(pool.scored[metric][name])[units] for name in names]
    common, either = int((counts[0] & counts[1]).sum()), int((counts[0] | counts[1]).sum())
    gaps = [f"{name}: {gap}" for name in names if (gap := pool.scored[metric][name].gaps(units))]
    if common < either:
        gaps.append(f"only {common} of {either} readings have a value of both")
    images, all_images = joint.n_images(metric, names[0], subset), joint.members[subset].sum()
    if images < all_images:
        gaps.append(f"compared on {images} of {all_images} images")
    if images < 2:
        gaps.append(ONE_IMAGE)
    return "; ".join(gaps)


def _wins(joint: JointResamples, metric: MetricColumn, subset: str, names: tuple[str, str]) -> Wins:
    a, b = (_means_of_cases(joint, metric.name, name) for name in names)
    known = joint.members[subset] & np.isfinite(a)
    a, b = a[known], b[known]
    lead = (a - b) if metric.higher_is_better else (b - a)
    lead[np.abs(lead) <= EQUAL * np.maximum(np.abs(a), np.abs(b))] = 0.0
    return Wins(a=int((lead > 0).sum()), b=int((lead < 0).sum()), ties=int((lead == 0).sum()))


def _means_of_cases(joint: JointResamples, metric: str, entry: str) -> NDArray[np.float64]:
    """Return the mean over the rows of every case, NaN where there is none."""
    values, cases = joint.pool.scored[metric][entry].values, joint.pool.grid.case_of_unit
    number = len(joint.pool.grid.cases)
    rows = np.bincount(cases, weights=np.isfinite(values).sum(axis=1), minlength=number)
    sums = np.bincount(cases, weights=np.nansum(values, axis=1), minlength=number)
    means = np.full(number, np.nan)
    np.divide(sums, rows, out=means, where=rows > 0)
    return means


def _judged(
    tested: Sequence[_Tested], names: tuple[str, str], alpha: float
) -> tuple[MetricComparison, ...]:
    """Correct the p-values together, and say who is better."""
    p_values = [math.nan if t.row.p_value is None else t.row.p_value for t in tested]
    adjusted = holm(np.array(p_values))
    # Holm's next step: the smallest p-value that is left is held against alpha / how many are left
    left = int((adjusted > alpha).sum())
    return tuple(
        _with_verdict(one, p_holm, names, alpha, alpha / max(left, 1))
        for one, p_holm in zip(tested, adjusted.tolist(), strict=True)
    )


def _with_verdict(
    tested: _Tested, p_holm: float, names: tuple[str, str], alpha: float, level: float
) -> MetricComparison:
    row, test = tested.row, tested.test
    if test is None or math.isnan(p_holm):
        return row
    if p_holm > alpha:
        forecast = images_to_separate(test, alpha=level)
        return replace(row, p_holm=p_holm, more_images=forecast)
    a_is_better = (test.difference > 0) == row.metric.higher_is_better
    return replace(row, p_holm=p_holm, better=names[0 if a_is_better else 1], more_images=0)
