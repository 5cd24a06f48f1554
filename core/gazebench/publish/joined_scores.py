"""The case scores of several records as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gazebench.errors import RecordError
from gazebench.leaderboard.grid import COLUMNS
from gazebench.publish.row_names import RowName
from gazebench.publish.submission import CaseTable, Submission
from gazebench.spec.values import EntryKind


def joined_table(
    submissions: Sequence[Submission], names: Mapping[RowName, str]
) -> CaseTable | None:
    """Return the scores of all that carry any, under the board's names; None where nobody does.

    Of a shared row (the ceiling, a floor) the first record's scores on a metric are taken.

    Raises:
        RecordError: a record's case scores have a row that the record does not state.
    """
    seen: set[tuple[str, str]] = set()
    parts: list[Any] = []
    subsets: dict[str, frozenset[str]] = {}
    for one in submissions:
        if one.case_table is not None:
            renamed = _renamed(one.case_table.scores, one.name, names)
            parts.append(_without(renamed, seen))
            seen |= _shared(renamed)
            subsets = {**one.case_table.subsets, **subsets}
    return CaseTable(scores=pa.concat_tables(parts), subsets=subsets) if parts else None


def _renamed(scores: Any, record: str, names: Mapping[RowName, str]) -> Any:
    encoded = scores["entry"].combine_chunks().cast(pa.string()).dictionary_encode()
    found = [_name(RowName(record, entry), names) for entry in encoded.dictionary.to_pylist()]
    columns = {name: _column(scores, name) for name in (*COLUMNS, "cluster")}
    return pa.table({**columns, "entry": pa.array(found, pa.string()).take(encoded.indices)})


def _name(row: RowName, names: Mapping[RowName, str]) -> str:
    if row not in names:
        raise RecordError(
            f"record {row.record}: its case scores are of an entry {row.entry!r} that it does not "
            "state",
            do="publish the run again",
        )
    return names[row]


def _column(scores: Any, name: str) -> Any:
    kind = {"seed": pa.int64(), "value": pa.float64()}.get(name, pa.string())
    if name not in scores.schema.names:  # clusters, where no case has any
        return pa.chunked_array([pa.repeat("", scores.num_rows)])
    return scores[name].cast(kind)


def _shared(scores: Any) -> set[tuple[str, str]]:
    rows = scores.filter(pc.not_equal(scores["kind"], str(EntryKind.ENTRY)))
    pairs = rows.select(["entry", "metric"]).group_by(["entry", "metric"]).aggregate([])
    return {(row["entry"], row["metric"]) for row in pairs.to_pylist()}


def _without(scores: Any, seen: set[tuple[str, str]]) -> Any:
    if not seen:
        return scores
    both = pc.binary_join_element_wise(scores["entry"], scores["metric"], "\n")
    known = pa.array([f"{entry}\n{metric}" for entry, metric in seen], pa.string())
    is_shared = pc.and_(
        pc.not_equal(scores["kind"], str(EntryKind.ENTRY)), pc.is_in(both, value_set=known)
    )
    return scores.filter(pc.invert(is_shared))
