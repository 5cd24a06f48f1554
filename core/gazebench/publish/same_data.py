"""Whether records are over the same data: ceilings, floors, readings and subsets say it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazebench.publish.submission import CaseTable, Submission
from gazebench.spec.board import Board, BoardRow, Cell
from gazebench.spec.values import EntryKind, Status

# Relative where a score is above 1: processors and versions of libraries differ by less, and so do
# metrics that certify their error; other readers, cases or references differ by far more.
TOLERANCE = 1e-4
CEILING = "ceiling"  # every record's, whatever it calls it

SharedRow = tuple[str, str]  # a row that every record has (the ceiling or a floor), and a metric


class SharedScores(NamedTuple):
    """What one shared row scored on one metric.

    Attributes:
        places: case, reading and seed of every score, as one text, sorted.
        values: beside them; NaN where there is none.
        digest: of the places.
    """

    places: NDArray[np.str_]
    values: NDArray[np.float64]
    digest: bytes


@dataclass(frozen=True)
class Data:
    """What a submission says about the data that it is made of."""

    submission: Submission

    @property
    def name(self) -> str:
        """The record's name."""
        return self.submission.name

    @property
    def is_scored(self) -> bool:
        """Whether it carries case scores."""
        return self.submission.case_table is not None

    @cached_property
    def cases(self) -> Mapping[str, str]:
        """Every case that is scored, and its cluster."""
        table = self.submission.case_table
        if table is None:
            return {}
        columns = table.scores.select(
            [n for n in ("case", "cluster") if n in table.scores.schema.names]
        )
        return {row["case"]: row.get("cluster", "") for row in _distinct(columns)}

    @cached_property
    def readings(self) -> frozenset[str]:
        """Every reading of a case that anybody is scored on."""
        table = self.submission.case_table
        if table is None:
            return frozenset()
        rows = _distinct(table.scores.select(["case", "reading"]))
        return frozenset(f"{row['case']}\t{row['reading']}" for row in rows if row["reading"])

    @cached_property
    def directions(self) -> Mapping[str, tuple[bool, float | None]]:
        """What the record says of its metrics: whether higher is better, and what chance is."""
        metrics = self.submission.record.board.metrics
        return {m.name: (m.higher_is_better, m.chance) for m in metrics}

    @cached_property
    def shared(self) -> Mapping[SharedRow, SharedScores]:
        """The scores of the ceiling and of every floor."""
        table = self.submission.case_table
        return {} if table is None else _shared_scores(table)

    @cached_property
    def stated(self) -> Mapping[tuple[str, str, str], Cell]:
        """The cells of ceiling and floors: (subset, row, metric) -> cell."""
        return dict(_stated_cells(self.submission.record.board))


def admitted(
    submissions: Sequence[Submission],
) -> tuple[list[Submission], dict[str, tuple[str, ...]]]:
    """Return the submissions that are over the same data, and why the others are not.

    The largest agreeing part is the board: those that agree with most others come first, and
    whoever contradicts one that is admitted stands apart. The order of `submissions` has no
    influence; of equals those with case scores come first, then by name.
    """
    datas = [Data(one) for one in sorted(submissions, key=lambda one: one.name)]
    doubts = {
        (a.name, b.name): tuple(_why_other(a, b)) for a in datas for b in datas if a.name < b.name
    }

    def between(a: Data, b: Data) -> tuple[str, ...]:
        return doubts[min(a.name, b.name), max(a.name, b.name)]

    def standing(one: Data) -> tuple[int, bool, str]:
        contradicted = sum(bool(between(one, other)) for other in datas if other is not one)
        return contradicted, not one.is_scored, one.name

    kept: list[Data] = []
    apart: dict[str, tuple[str, ...]] = {}
    for data in sorted(datas, key=standing):
        why = next(filter(None, (between(data, other) for other in kept)), ())
        if why:
            apart[data.name] = why
        else:
            kept.append(data)
    return [data.submission for data in kept], apart


def _why_other(a: Data, b: Data) -> Iterator[str]:
    """Yield why two records, of one protocol, are over different data all the same."""
    if a.is_scored and b.is_scored and a.cases != b.cases:
        yield f"the case scores of {a.name} and {b.name} are of different cases or patients"
        return
    if a.is_scored and b.is_scored and a.readings != b.readings:
        yield f"the case scores of {a.name} and {b.name} are of different readings"
        return
    yield from _other_directions(a, b)
    yield from _other_subsets(a, b)
    if a.is_scored and b.is_scored:
        yield from _other_scores(a, b)
    else:
        yield from _other_cells(a, b)


def _other_directions(a: Data, b: Data) -> Iterator[str]:
    for metric in sorted(a.directions.keys() & b.directions):
        if a.directions[metric] != b.directions[metric]:
            yield f"{a.name} and {b.name} do not agree on which {metric} is better, or is chance"


def _other_subsets(a: Data, b: Data) -> Iterator[str]:
    mine, theirs = (one.submission.record.subset_sets for one in (a, b))
    for subset in mine:
        if mine[subset] and theirs.get(subset) and mine[subset] != theirs[subset]:
            yield f"subset {subset} is not of the same cases in {a.name} and in {b.name}"


def _other_scores(a: Data, b: Data) -> Iterator[str]:
    """Name the ceiling or floor that differs most, of those that do."""
    found = {
        key: _largest_difference(a.shared[key], b.shared[key]) for key in a.shared.keys() & b.shared
    }
    beyond = {key: difference for key, difference in found.items() if difference > TOLERANCE}
    if beyond:
        row, metric = min(beyond, key=lambda key: (key[0] != CEILING, -beyond[key], key))
        yield (
            f"the {_spoken(row)} of {a.name} and {b.name} differ by {beyond[row, metric]:.3g} in "
            f"{metric} on the same reading: the data, or what is scored against, are not the same"
        )


def _other_cells(a: Data, b: Data) -> Iterator[str]:
    """Compare what is only stated: a score must lie within the other's interval."""
    for key in sorted(a.stated.keys() & b.stated, key=lambda key: (key[1] != CEILING, key)):
        subset, row, metric = key
        mine, theirs = a.stated[key], b.stated[key]
        if not _are_alike(mine, theirs):
            yield (
                f"the {_spoken(row)} on {metric} ({subset}) are {mine.score:.3f} in {a.name} and "
                f"{theirs.score:.3f} in {b.name}, further apart than their intervals are wide: the "
                "data, or what is scored against, are not the same"
            )
            return


def _are_alike(a: Cell, b: Cell) -> bool:
    intervals = [cell.interval for cell in (a, b) if cell.interval is not None]
    if a.score is None or b.score is None or not intervals:
        return True  # nothing to compare
    return abs(a.score - b.score) <= max(i.high - i.low for i in intervals) / 2 + TOLERANCE


def _spoken(row: str) -> str:
    return "ceilings" if row == CEILING else f"floors {row}"


def _stated_cells(board: Board) -> Iterator[tuple[tuple[str, str, str], Cell]]:
    for subset in board.subsets:
        for row in subset.rows:
            if row.kind is not EntryKind.ENTRY:
                for metric, cell in row.cells.items():
                    yield (subset.name, shared_name(row), metric), cell


def shared_name(row: BoardRow) -> str:
    """Return what a floor or the ceiling is known by across records."""
    return CEILING if row.kind is EntryKind.CEILING else row.entry


def _shared_scores(table: CaseTable) -> dict[SharedRow, SharedScores]:
    import pyarrow.compute as pc  # only here, and slow to import

    rows = table.scores.filter(pc.not_equal(table.scores["kind"], str(EntryKind.ENTRY)))
    columns = {name: rows.column(name).to_pylist() for name in rows.schema.names}
    found: dict[SharedRow, list[tuple[str, float]]] = {}
    for place in range(rows.num_rows):
        kind, entry = columns["kind"][place], columns["entry"][place]
        key = CEILING if kind == EntryKind.CEILING else entry, columns["metric"][place]
        where = "\t".join(str(columns[name][place]) for name in ("case", "reading", "seed"))
        value = columns["value"][place] if columns["status"][place] == Status.OK else None
        found.setdefault(key, []).append((where, np.nan if value is None else value))
    return {key: _in_order(pairs) for key, pairs in found.items()}


def _in_order(pairs: list[tuple[str, float]]) -> SharedScores:
    places, values = zip(*sorted(pairs), strict=True)
    digest = hashlib.sha256("\n".join(places).encode()).digest()
    return SharedScores(np.array(places), np.array(values, dtype=np.float64), digest)


def _largest_difference(a: SharedScores, b: SharedScores) -> float:
    """Return the largest difference on one place, infinite where only one has a value."""
    mine, theirs = a.values, b.values
    if a.digest != b.digest:
        if set(_readings(a)) != set(_readings(b)):
            return float("inf")
        _, in_a, in_b = np.intersect1d(a.places, b.places, return_indices=True)
        mine, theirs = mine[in_a], theirs[in_b]
    if (np.isnan(mine) != np.isnan(theirs)).any():
        return float("inf")
    scale = np.maximum(1.0, np.maximum(abs(mine), abs(theirs)))
    return float(np.nanmax(abs(mine - theirs) / scale, initial=0.0))


def _readings(scores: SharedScores) -> Iterator[str]:
    """Give the places of scores without their seeds, of which runs may have others."""
    return (str(place).rpartition("\t")[0] for place in scores.places)


def _distinct(table: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = table.group_by(table.schema.names).aggregate([]).to_pylist()
    return found
