"""Which cases a report shows, and why: the best, the worst, the most disputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from gazebench.errors import UsageError
from gazebench.spec.board import MetricColumn
from gazebench.spec.suggest import suggest
from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A case and why it is shown, one reason each."""

    case: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScore:
    """What is known of one case on one metric.

    Attributes:
        entries: mean over entries, readings and seeds; None without a value.
        readers: mean over the readers against the others; None without a value.
    """

    case: str
    entries: float | None
    readers: float | None


def case_scores(table: Any, metric: str, entries: Iterable[str]) -> list[CaseScore]:
    """Return every case's mean scores on a metric, by the ids of the cases."""
    of_metric = table.filter(pc.equal(table.column("metric"), metric))
    wanted = frozenset(entries)
    found: dict[str, tuple[list[float], list[float]]] = {}
    columns = ("case", "entry", "kind", "value")
    for case, entry, kind, value in zip(
        *(of_metric.column(name).to_pylist() for name in columns), strict=True
    ):
        of_entries, of_readers = found.setdefault(case, ([], []))
        if value is None:
            continue
        if kind == EntryKind.CEILING:
            of_readers.append(value)
        elif entry in wanted:
            of_entries.append(value)
    return [
        CaseScore(case=case, entries=_mean(of_entries), readers=_mean(of_readers))
        for case, (of_entries, of_readers) in sorted(found.items())
    ]


def choose(
    scores: Sequence[CaseScore],
    metric: MetricColumn,
    subsets: Mapping[str, frozenset[str]],
    *,
    each: int,
) -> tuple[Chosen, ...]:
    """Choose `each` best, worst and most disputed cases, and one best and worst per subset.

    Best and worst by the mean of the entries; most disputed where the readers agree least, by their
    mean against each other. Equals stand in the order of their ids. A case stands once, with all
    its reasons.
    """
    reasons: dict[str, list[str]] = {}

    def note(cases: Sequence[CaseScore], why: str) -> None:
        for one in cases:
            reasons.setdefault(one.case, []).append(why)

    known = [one for one in scores if one.entries is not None]
    note(_by_entries(known, metric, best=True)[:each], f"best {metric.name} of the entries")
    note(_by_entries(known, metric, best=False)[:each], f"worst {metric.name} of the entries")
    read = [one for one in scores if one.readers is not None]
    sign = 1.0 if metric.higher_is_better else -1.0
    disputed = sorted(read, key=lambda one: sign * (one.readers or 0.0))
    note(disputed[:each], "most disputed: the readers agree least")
    for name, members in subsets.items():
        inside = [one for one in known if one.case in members]
        note(_by_entries(inside, metric, best=True)[:1], f"best of the subset {name}")
        note(_by_entries(inside, metric, best=False)[:1], f"worst of the subset {name}")
    return tuple(Chosen(case=case, why=tuple(why)) for case, why in reasons.items())


def named(cases: Iterable[str], scores: Sequence[CaseScore]) -> tuple[Chosen, ...]:
    """Choose the cases that somebody asked for.

    Raises:
        UsageError: a case that the run did not score.
    """
    known = {one.case for one in scores}
    for case in cases:
        if case not in known:
            hint = suggest(case, known)
            raise UsageError(
                f"the run scored no case {case!r}" + (f"; {hint}" if hint else ""),
                do=f"it scored {len(known)} cases; scores.parquet names them",
            )
    return tuple(Chosen(case=case, why=("asked for",)) for case in dict.fromkeys(cases))


def _by_entries(
    scores: Sequence[CaseScore], metric: MetricColumn, *, best: bool
) -> list[CaseScore]:
    sign = -1.0 if best == metric.higher_is_better else 1.0
    return sorted(scores, key=lambda one: sign * (one.entries or 0.0))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
