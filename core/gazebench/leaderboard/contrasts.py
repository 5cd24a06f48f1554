"""Where are maps most like the readers? Subsets compared with each other, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from math import inf, isnan, nan
from typing import Any

import numpy as np

from gazebench.errors import DataError, UsageError
from gazebench.leaderboard.aggregate import PREFERRED
from gazebench.leaderboard.compare import choose
from gazebench.leaderboard.contrast_estimates import Found, estimate_of, subset_rows
from gazebench.leaderboard.contrast_parts import FEWEST, Parts, parts_of, which_test
from gazebench.leaderboard.contrast_tests import contrast
from gazebench.leaderboard.contrast_values import (
    Contrast,
    Family,
    Quantity,
    Side,
    SubsetAnalysis,
    SubsetRow,
    Test,
)
from gazebench.leaderboard.grid import GridEntry
from gazebench.leaderboard.pool import ALL, RESAMPLES, JointResamples, make_pool
from gazebench.spec.board import MetricColumn
from gazebench.spec.values import EntryKind
from gazebench.stats.holm import holm
from gazebench.stats.intervals import IntervalKind

ORDER = (EntryKind.CEILING, EntryKind.ENTRY, EntryKind.FLOOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an analysis is asked to show; empty is everything.

    Attributes:
        metrics: the first one is what the answer in words is about.
        entries: where two or more are named they are also compared with each other.
    """

    metrics: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


def analyse_subsets(
    scores: Any,
    *,
    metrics: Mapping[str, MetricColumn],
    subsets: Mapping[str, Collection[str]],
    dataset: str,
    wanted: Wanted,
    notices: Sequence[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> SubsetAnalysis:
    """Compare every subset with the rest of the images, and every two subsets.

    `scores` and `subsets` are those of `gazebench.leaderboard.scored_table.read_scores`. Scores,
    fractions of the ceiling and gaps to it are compared, from one set of resamples, so that
    subsets may overlap. P-values are corrected by Holm within each metric, quantity and family.

    Raises:
        DataError: scores that cannot be arranged, or no subset holds a scored image.
        UsageError: a metric or an entry that was not scored; fewer than two resamples.
    """
    if resamples < 2:
        raise UsageError(f"expected 2 or more resamples, found {resamples}", do="take 10,000")
    chosen = choose("metric", wanted.metrics, metrics)
    pool = make_pool(scores, {name: metrics[name] for name in chosen})
    parts = parts_of(subsets, pool.grid.cases)
    if not parts.subsets:
        raise DataError(
            f"no subset of {dataset} holds a scored image",
            do="name one: --subset NAME=EXPRESSION; from a run, `gazebench run --subset` first",
        )
    joint = JointResamples(pool, parts.cases, resamples, seed)
    asked = PREFERRED if not wanted.metrics and PREFERRED in chosen else chosen[0]
    entries = _shown(joint, asked, wanted.entries)
    named = [e for e in entries if e.name in wanted.entries and e.kind is not EntryKind.CEILING]
    shown = (ALL, *parts.subsets)
    rows: list[SubsetRow] = []
    contrasts: list[Contrast] = []
    for metric in pool.metrics:  # one after the other: only one is resampled at a time
        rows += subset_rows(joint, metric, entries, shown)
        contrasts += _between_subsets(joint, metric, entries, parts)
        contrasts += _within_subsets(joint, metric, entries, named, shown)
    return SubsetAnalysis(
        dataset=dataset,
        metrics=pool.metrics,
        asked=asked,
        ceiling=pool.ceiling,
        entries={entry.name: entry.kind for entry in entries},
        subsets={name: int(joint.members[name].sum()) for name in shown},
        rest=parts.rest,
        rows=tuple(rows),
        contrasts=_corrected(contrasts),
        interval=IntervalKind.BOOTSTRAP.in_words(resamples, over=pool.over),
        over=pool.over,
        notices=(*notices, *_empty(subsets, parts)),
    )


def _shown(joint: JointResamples, asked: str, wanted: Sequence[str]) -> tuple[GridEntry, ...]:
    """Return the ceiling, then the entries asked for, then the floors; best first."""
    everyone = joint.pool.grid.entries
    names = choose("entry", wanted, [entry.name for entry in everyone])
    sign = -1.0 if joint.pool.metric(asked).higher_is_better else 1.0

    def place(entry: GridEntry) -> tuple[int, float, str]:
        score = joint.score(asked, entry.name)
        return ORDER.index(entry.kind), inf if score is None else sign * score.point, entry.name

    chosen = [e for e in everyone if e.name in names or e.kind is EntryKind.CEILING]
    return tuple(sorted(chosen, key=place))


def _empty(subsets: Mapping[str, Collection[str]], parts: Parts) -> list[str]:
    gone = [name for name in subsets if name not in parts.subsets]
    return [f"subset {name}: no scored image is in it" for name in gone]


def _between_subsets(
    joint: JointResamples, metric: MetricColumn, entries: Sequence[GridEntry], parts: Parts
) -> Iterator[Contrast]:
    """Yield every entry's contrasts between two parts, by quantity."""
    clusters = joint.pool.clusters
    pairs = [
        (pair, *which_test(joint.members[pair[0]], joint.members[pair[1]], clusters))
        for pair in parts.pairs()
    ]
    for entry in entries:
        for quantity in _quantities(entry):
            found = cache(_finder(joint, metric, entry, quantity))
            for (first, second), test, untested in pairs:
                yield _contrast(
                    metric=metric.name,
                    quantity=quantity,
                    family=Family.SUBSETS,
                    test=test,
                    sides=((entry.name, first), (entry.name, second)),
                    found=(found(first), found(second)),
                    untested=untested,
                    over=joint.pool.over,
                )


def _within_subsets(
    joint: JointResamples,
    metric: MetricColumn,
    entries: Sequence[GridEntry],
    named: Sequence[GridEntry],
    subsets: Sequence[str],
) -> Iterator[Contrast]:
    """Yield contrasts of entries with the ceiling, and of those named with each other."""
    ceilings = [entry for entry in entries if entry.kind is EntryKind.CEILING]
    others = [entry for entry in entries if entry.kind is not EntryKind.CEILING]
    against = [(Family.CEILING, entry, ceiling) for ceiling in ceilings for entry in others]
    against += [(Family.ENTRIES, a, b) for a, b in combinations(named, 2)]
    for subset in subsets:
        for family, first, second in against:
            one = _finder(joint, metric, first, Quantity.SCORE)(subset)
            if family is Family.CEILING:  # on the readings that the ceiling has
                one = joint.matched(metric.name, first.name, subset) or one
            yield _contrast(
                metric=metric.name,
                quantity=Quantity.SCORE,
                family=family,
                test=Test.PAIRED,
                sides=((first.name, subset), (second.name, subset)),
                found=(one, _finder(joint, metric, second, Quantity.SCORE)(subset)),
                untested="",
                over=joint.pool.over,
            )


def _quantities(entry: GridEntry) -> tuple[Quantity, ...]:
    return (Quantity.SCORE,) if entry.kind is EntryKind.CEILING else tuple(Quantity)


def _finder(
    joint: JointResamples, metric: MetricColumn, entry: GridEntry, quantity: Quantity
) -> Callable[[str], Found]:
    return lambda part: estimate_of(joint, metric, entry, part, quantity)


def _contrast(
    *,
    metric: str,
    quantity: Quantity,
    family: Family,
    test: Test,
    sides: tuple[tuple[str, str], tuple[str, str]],
    found: tuple[Found, Found],
    untested: str,
    over: str,
) -> Contrast:
    first, second = (_side(*side, one) for side, one in zip(sides, found, strict=True))
    plain = Contrast(
        metric=metric, quantity=quantity, family=family, test=test, first=first, second=second
    )
    a, b = found
    if isinstance(a, str) or isinstance(b, str):
        return replace(plain, note=_missing(sides, found))
    compared = contrast(a, b, test)
    few = untested or _too_few((first, second), over)
    return replace(
        plain,
        difference=compared.difference,
        interval=compared.interval,
        standard_error=_number(compared.standard_error),
        p_value=None if few else _number(compared.p_value),
        note=few,
    )


def _side(entry: str, subset: str, found: Found) -> Side:
    if isinstance(found, str):
        return Side(entry=entry, subset=subset, n=0, value=None)
    return Side(entry=entry, subset=subset, n=found.n_clusters, value=found.point)


def _missing(sides: Sequence[tuple[str, str]], found: Sequence[Found]) -> str:
    """Say what is not there, once where both sides lack the same."""
    why: dict[str, list[str]] = {}
    for (_, subset), one in zip(sides, found, strict=True):
        if isinstance(one, str):
            why.setdefault(one, []).append(subset)
    return "; ".join(
        f"{' and '.join(dict.fromkeys(parts))}: {reason}" for reason, parts in why.items()
    )


def _too_few(sides: Sequence[Side], over: str) -> str:
    what = "images" if over == "images" else "patients"
    short = {side.subset: side.n for side in sides if side.n < FEWEST}
    if not short:
        return ""
    return f"too few {what}: " + " and ".join(f"{n} in {name}" for name, n in short.items())


def _corrected(contrasts: Sequence[Contrast]) -> tuple[Contrast, ...]:
    """Correct each metric, quantity and family by itself."""
    families: dict[tuple[str, Quantity, Family], list[int]] = {}
    for index, one in enumerate(contrasts):
        families.setdefault((one.metric, one.quantity, one.family), []).append(index)
    corrected = list(contrasts)
    for indices in families.values():
        raw = [contrasts[index].p_value for index in indices]
        adjusted = holm(np.array([nan if p is None else p for p in raw]))
        for index, p in zip(indices, adjusted.tolist(), strict=True):
            corrected[index] = replace(corrected[index], p_holm=_number(p))
    return tuple(corrected)


def _number(value: float) -> float | None:
    return None if isnan(value) else value
