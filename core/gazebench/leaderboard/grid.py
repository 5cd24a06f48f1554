"""Score rows as one array per metric: units (a reading of a case) by columns (a seed of an entry).

A cell without a row and a row without a value are both told apart from a value; everything is in
sorted order, so the order of the rows never shows in a board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.spec.values import EntryKind, Status

COLUMNS = ("case", "reading", "entry", "kind", "seed", "metric", "value", "status", "reason")

# What a cell of the grid holds: a value, one of the statuses without one, or no row at all. A row
# of a metric that does not apply to the image is no row: nobody can be asked for it.
STATES = (*Status, "absent")
OK, ABSENT = STATES.index(Status.OK), len(STATES) - 1
NOT_APPLICABLE = STATES.index(Status.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GridEntry:
    """An entry and its columns, one per seed."""

    name: str
    kind: EntryKind
    columns: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricGrid:
    """The scores on one metric.

    Attributes:
        values: [units, columns], NaN where there is none.
        states: [units, columns], indices into `STATES`.
        expected: [units], whether anything at all has a row there.
        reasons: (column, state) -> the first reason given.
    """

    values: NDArray[np.float64]
    states: NDArray[np.int8]
    expected: NDArray[np.bool_]
    reasons: Mapping[tuple[int, int], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Every score of one dataset.

    Attributes:
        cases: sorted.
        clusters: [cases], numbered; cases with the same number are resampled together.
        case_of_unit: [units], index into `cases`, ascending.
        entries: sorted by name.
        metrics: by name, in no particular order.
    """

    cases: tuple[str, ...]
    clusters: NDArray[np.intp]
    case_of_unit: NDArray[np.intp]
    entries: tuple[GridEntry, ...]
    metrics: Mapping[str, MetricGrid]


def make_grid(scores: Any) -> Grid:
    """Arrange a table of score rows.

    Raises:
        DataError: there are no rows, a row stands twice, an entry has two kinds, or a case two
            clusters.
    """
    if scores.num_rows == 0:
        raise DataError("there are no scores to rank", do="score at least one case")
    coded = {name: _coded(scores.column(name)) for name in ("case", "reading", "entry", "metric")}
    unit_of, units = _pairs(coded["case"].codes, coded["reading"].codes)
    column_of, columns = _pairs(coded["entry"].codes, _integers(scores.column("seed")))
    _refuse_duplicates(coded, unit_of, column_of, len(columns))
    kinds = _kinds(coded["entry"], scores.column("kind"))
    rows = _Rows(
        unit=unit_of,
        column=column_of,
        value=scores.column("value").to_numpy(zero_copy_only=False).astype(np.float64),
        state=_states(scores),
        reason=scores.column("reason"),
        shape=(len(units), len(columns)),
    )
    return Grid(
        cases=coded["case"].names,
        clusters=_clusters(scores, coded["case"]),
        case_of_unit=units[:, 0],
        entries=tuple(
            GridEntry(name=name, kind=kinds[name], columns=np.flatnonzero(columns[:, 0] == index))
            for index, name in enumerate(coded["entry"].names)
        ),
        metrics={
            name: rows.on(coded["metric"].codes == index)
            for index, name in enumerate(coded["metric"].names)
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Coded:
    """A column of texts: the distinct ones, sorted, and which each row has."""

    names: tuple[str, ...]
    codes: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """All rows, by the place of each in the grid."""

    unit: NDArray[np.intp]
    column: NDArray[np.intp]
    value: NDArray[np.float64]
    state: NDArray[np.int8]
    reason: Any
    shape: tuple[int, int]

    def on(self, chosen: NDArray[np.bool_]) -> MetricGrid:
        """Spread the rows of one metric over the grid."""
        places = self.unit[chosen], self.column[chosen]
        values = np.full(self.shape, np.nan)
        states = np.full(self.shape, ABSENT, dtype=np.int8)
        has_value = self.state[chosen] == OK
        values[places] = np.where(has_value, self.value[chosen], np.nan)
        applies = self.state[chosen] != NOT_APPLICABLE
        states[places] = np.where(applies, self.state[chosen], ABSENT)
        return MetricGrid(
            values=values,
            states=states,
            expected=(states != ABSENT).any(axis=1),
            reasons=self._reasons(np.flatnonzero(chosen & (self.state != OK))),
        )

    def _reasons(self, rows: NDArray[np.intp]) -> dict[tuple[int, int], str]:
        in_order = rows[np.lexsort((self.unit[rows], self.column[rows], self.state[rows]))]
        places = self.column[in_order] * len(STATES) + self.state[in_order]
        _, first = np.unique(places, return_index=True)
        return {
            (int(self.column[row]), int(self.state[row])): self.reason[int(row)].as_py() or ""
            for row in in_order[first]
        }


def _coded(column: Any) -> _Coded:
    encoded = pa.concat_arrays(column.cast(pa.string()).chunks).dictionary_encode()
    found = encoded.dictionary.to_pylist()
    order = sorted(range(len(found)), key=lambda index: found[index])
    place = np.empty(len(found), dtype=np.intp)
    place[order] = np.arange(len(found))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return _Coded(names=tuple(found[index] for index in order), codes=place[codes])


def _integers(column: Any) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _pairs(
    first: NDArray[np.intp], second: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which distinct pair each row has, and the distinct pairs, sorted, [pairs, 2]."""
    seconds, second_code = np.unique(second, return_inverse=True)
    joined, codes = np.unique(first * len(seconds) + second_code, return_inverse=True)
    return codes, np.stack([joined // len(seconds), seconds[joined % len(seconds)]], axis=1)


def _states(scores: Any) -> NDArray[np.int8]:
    status = _coded(scores.column("status"))
    of_code = np.array([STATES.index(Status(name)) for name in status.names], dtype=np.int8)
    states: NDArray[np.int8] = of_code[status.codes]
    value = scores.column("value").to_numpy(zero_copy_only=False).astype(np.float64)
    # A store never holds these; a table made by hand may, and then they are no scores either.
    states[(states == OK) & ~np.isfinite(value)] = STATES.index(Status.NONFINITE)
    return states


def _clusters(scores: Any, case: _Coded) -> NDArray[np.intp]:
    """Number what is resampled together: the cases of a cluster, or a case whose rows name none."""
    if "cluster" not in scores.column_names:
        return np.arange(len(case.names))
    cluster = _coded(scores.column("cluster"))
    named: dict[int, int] = {}
    for pair in np.unique(case.codes * len(cluster.names) + cluster.codes).tolist():
        index, name = divmod(pair, len(cluster.names))
        if not cluster.names[name]:
            continue
        if index in named:
            both = f"{cluster.names[named[index]]!r} and {cluster.names[name]!r}"
            raise DataError(
                f"case {case.names[index]!r} has rows of two clusters, {both}",
                do="give every case one cluster (its patient), or none",
            )
        named[index] = name
    keys = [(named[i], -1) if i in named else (-1, i) for i in range(len(case.names))]
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], dtype=np.intp)


def _kinds(entry: _Coded, kinds: Any) -> dict[str, EntryKind]:
    kind = _coded(kinds)
    found: dict[str, EntryKind] = {}
    for pair in np.unique(entry.codes * len(kind.names) + kind.codes).tolist():
        name = entry.names[pair // len(kind.names)]
        if name in found:
            raise DataError(f"entry {name!r} has rows of two kinds", do="give it one kind")
        found[name] = EntryKind(kind.names[pair % len(kind.names)])
    return found


def _refuse_duplicates(
    coded: Mapping[str, _Coded],
    unit: NDArray[np.intp],
    column: NDArray[np.intp],
    columns: int,
) -> None:
    metrics = len(coded["metric"].names)
    place = (unit * columns + column) * metrics + coded["metric"].codes
    order = np.argsort(place, kind="stable")
    again = np.flatnonzero(np.diff(place[order]) == 0)
    if len(again):
        row = int(order[again[0]])
        raise DataError(
            f"{len(again)} rows stand twice: the first has {_describe(coded, row)}",
            do="keep one score for each case, reading, entry, seed and metric",
        )


def _describe(coded: Mapping[str, _Coded], row: int) -> str:
    order: Sequence[str] = ("case", "reading", "entry", "metric")
    return ", ".join(f"{name} {coded[name].names[coded[name].codes[row]]!r}" for name in order)
