"""Salted per-case scores: what lets everybody recompute a record, and nobody find an image."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazebench.publish.reasons import published_reason
from gazebench.publish.salting import salted
from gazebench.spec.values import EntryKind, Status

DIGITS = 7  # significant, of a score
OF_THE_IMAGE = 0  # the number of what has no reading: a score of the network on the image


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """The scores of one entry and seed on one metric, in the order of the units.

    Attributes:
        values: one per unit; None where there is no value, or no row.
        gaps: status -> the units whose row has no value.
        reasons: status -> the first reason given, where it may be published.
    """

    entry: str
    kind: EntryKind
    seed: int
    metric: str
    values: tuple[float | None, ...]
    gaps: Mapping[str, tuple[int, ...]]
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScores:
    """Every score behind a record. A unit is a reading of a case, or the image alone.

    Attributes:
        dataset: as the board calls it.
        cases: salted names, sorted.
        readings: of each case, the numbers of its units; 0 is the image without a reading.
        clusters: of each case, what it is resampled with; () where every case is its own.
        subsets: those on the board -> indices of their cases.
    """

    dataset: str
    cases: tuple[str, ...]
    readings: tuple[tuple[int, ...], ...]
    clusters: tuple[int, ...]
    subsets: Mapping[str, tuple[int, ...]]
    lines: tuple[ScoreLine, ...]

    def to_table(self) -> Any:
        """Return score rows, of the columns of `gazebench.spec.values.ScoreRow`."""
        units = self._units()
        return pa.concat_tables(self._of_line(line, units) for line in self.lines)

    def members(self) -> dict[str, frozenset[str]]:
        """Return subset -> salted names of its cases."""
        return {n: frozenset(self.cases[i] for i in found) for n, found in self.subsets.items()}

    def _of_line(self, line: ScoreLine, units: Any) -> Any:
        status = np.full(len(line.values), "", dtype=object)
        status[[v is not None for v in line.values]] = str(Status.OK)
        for state, gaps in line.gaps.items():
            status[list(gaps)] = state
        rows = np.flatnonzero(status != "")
        own = units if len(rows) == len(line.values) else units.take(pa.array(rows))
        count = len(rows)
        return pa.table(
            {
                "dataset": pa.repeat(self.dataset, count),
                "case": own["case"],
                "reading": own["reading"],
                "entry": pa.repeat(line.entry, count),
                "kind": pa.repeat(str(line.kind), count),
                "seed": pa.repeat(pa.scalar(line.seed, pa.int64()), count),
                "metric": pa.repeat(line.metric, count),
                "value": pa.array([line.values[row] for row in rows], pa.float64()),
                "status": pa.array(status[rows], pa.string()),
                "reason": pa.array([line.reasons.get(s, "") for s in status[rows]], pa.string()),
                "cluster": own["cluster"],
            }
        )

    def _units(self) -> Any:
        """Return the case, reading and cluster of every unit."""
        counts = [len(numbers) for numbers in self.readings]
        case_of = np.repeat(np.arange(len(self.cases)), counts)
        clusters = [str(one) for one in self.clusters] or [""] * len(self.cases)
        numbers = [str(number or "") for numbers in self.readings for number in numbers]
        return pa.table(
            {
                "case": pa.array(self.cases, pa.string()).take(pa.array(case_of)),
                "reading": pa.array(numbers, pa.string()),
                "cluster": pa.array(clusters, pa.string()).take(pa.array(case_of)),
            }
        )


def make_case_scores(
    scores: Any, subsets: Mapping[str, Collection[str]], *, salt: str, dataset: str, board: str = ""
) -> CaseScores:
    """Salt and round a table of score rows.

    `subsets` are those of the board, by the ids of their cases; `dataset` is the plugin's name, of
    which salted names are made, `board` what the board calls it, where that is another.
    """
    column = {name: scores.column(name).to_pylist() for name in scores.column_names}
    names = {case: salted(salt, dataset, case) for case in set(column["case"])}
    cases = sorted(names, key=names.__getitem__)
    of_rows = list(zip(column["case"], column["reading"], strict=True))
    readings: dict[str, set[str]] = {case: set() for case in cases}
    for case, reading in of_rows:
        readings[case].add(reading)
    numbers = {case: _numbers(readings[case], names[case], salt) for case in cases}
    in_order = [(case, reading) for case in cases for reading in numbers[case]]
    unit_of = {pair: unit for unit, pair in enumerate(in_order)}
    place = {case: index for index, case in enumerate(cases)}
    return CaseScores(
        dataset=board or dataset,
        cases=tuple(names[case] for case in cases),
        readings=tuple(tuple(numbers[case].values()) for case in cases),
        clusters=_clusters(column, cases),
        subsets={
            name: tuple(sorted(place[case] for case in members if case in place))
            for name, members in subsets.items()
        },
        lines=tuple(_lines(column, np.array([unit_of[pair] for pair in of_rows]), len(unit_of))),
    )


def _numbers(readings: Collection[str], case: str, salt: str) -> dict[str, int]:
    """Number the readings of a case in the order of their salted names."""
    order = sorted((r for r in readings if r), key=lambda r: salted(salt, case, r))
    numbers = {reading: number for number, reading in enumerate(order, start=1)}
    return {"": OF_THE_IMAGE, **numbers} if "" in readings else numbers


def _clusters(column: Mapping[str, list[Any]], cases: list[str]) -> tuple[int, ...]:
    """Number the patients by the order of their first case; () where no two cases share one."""
    found = dict(zip(column["case"], column.get("cluster", column["case"]), strict=True))
    keys = [(found[case], "") if found[case] else ("", case) for case in cases]
    if len(set(keys)) == len(keys):
        return ()
    number = {key: index + 1 for index, key in enumerate(dict.fromkeys(keys))}
    return tuple(number[key] for key in keys)


def _lines(
    column: Mapping[str, list[Any]], units: NDArray[np.intp], n_units: int
) -> Iterator[ScoreLine]:
    rows: dict[tuple[str, int, str], list[int]] = {}
    keys = zip(column["entry"], column["seed"], column["metric"], strict=True)
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    for key in sorted(rows):
        yield _line(column, sorted(rows[key], key=units.__getitem__), units, n_units)


def _line(
    column: Mapping[str, list[Any]], rows: list[int], units: NDArray[np.intp], n_units: int
) -> ScoreLine:
    values: list[float | None] = [None] * n_units
    gaps: dict[str, list[int]] = {}
    reasons: dict[str, str] = {}
    for row in rows:
        unit, status = int(units[row]), column["status"][row]
        if status == Status.OK:
            values[unit] = float(f"{column['value'][row]:.{DIGITS}g}") + 0.0
            continue
        gaps.setdefault(status, []).append(unit)
        reason = published_reason(status, column["reason"][row] or "")
        if reason:
            reasons.setdefault(status, reason)
    first = rows[0]
    return ScoreLine(
        entry=column["entry"][first],
        kind=EntryKind(column["kind"][first]),
        seed=column["seed"][first],
        metric=column["metric"][first],
        values=tuple(values),
        gaps={status: tuple(gaps[status]) for status in sorted(gaps)},
        reasons=dict(sorted(reasons.items())),
    )
