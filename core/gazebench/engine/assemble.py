"""From recorded parts to one table: the same bytes, whoever recorded what and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gazebench.engine.allowance import UNUSABLE
from gazebench.engine.checks import ChecksLog
from gazebench.engine.columns import Columns
from gazebench.engine.costs import Cost, Spent
from gazebench.engine.failures import FailureLog
from gazebench.engine.shard_store import Part, ShardStore
from gazebench.engine.shards import Shard
from gazebench.engine.store import SCHEMA, SCORES, write_atomically
from gazebench.errors import RunError
from gazebench.spec.notices import with_first


@dataclass(slots=True)
class Assembled:
    """What is known of a run beside its rows."""

    failures: FailureCount = field(default_factory=lambda: FailureCount())
    log: FailureLog = field(default_factory=FailureLog)
    checks: ChecksLog = field(default_factory=ChecksLog)
    spent: dict[str, Spent] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def costs(self, columns: Columns) -> tuple[Cost, ...]:
        """Return what every entry's maps have cost, in the order of the entries."""
        found: dict[tuple[str, int], Cost] = {}
        for keyed in columns.all:
            entry, seed = keyed.column.entry, keyed.column.seed
            if keyed.map_key in self.spent and (entry, seed) not in found:
                found[entry, seed] = self.spent[keyed.map_key].cost(entry, seed)
        return tuple(found.values())


def assemble(
    folder: Path,
    shards: Iterable[Shard],
    store: ShardStore,
    columns: Columns,
    clusters: Mapping[str, str],
) -> Assembled:
    """Write `scores.parquet` from what is recorded, a shard at a time.

    Rows stand in the order of cases, columns and readings. `clusters` names every case's patient.

    Raises:
        RunError: a column of a shard is not recorded; the folder cannot be written.
    """
    found = Assembled()

    def write(path: Path) -> None:
        with path.open("wb") as file, pq.ParquetWriter(file, SCHEMA) as writer:
            for shard in shards:
                parts = _latest(store.parts(shard), columns, shard)
                table = _in_order([one.rows for one in parts], shard, columns, clusters)
                writer.write_table(table)
                for part in parts:
                    _add(found, part, columns)
                found.failures.see(table)

    write_atomically(folder / SCORES, write)
    return found


def _latest(parts: Iterator[Part], columns: Columns, shard: Shard) -> list[Part]:
    """Return the parts with the columns of this run, each column in one of them."""
    kept, have = [], set[str]()
    for part in parts:
        new = frozenset(part.keys & columns.by_key.keys()) - have
        if new:
            have |= new
            kept.append(_only(part, new))
    lacking = [one.column for one in columns.all if one.key not in have]
    if lacking:
        entry, _, _, metric = lacking[0]
        raise RunError(
            f"shard {shard.index + 1} has no scores of {entry} on {metric}, and "
            f"{len(lacking) - 1} other columns",
            do="run the same command again: it makes what is missing",
        )
    return kept


def _only(part: Part, keys: frozenset[str]) -> Part:
    if keys == part.keys:
        return part
    rows = part.rows.filter(pc.is_in(part.rows.column("key"), pa.array(sorted(keys))))
    reasons = set(pc.unique(rows.column("reason")).to_pylist())
    return Part(
        rows=rows,
        keys=keys,
        spent=part.spent,
        terms={key: value for key, value in part.terms.items() if key in keys},
        readers={key: value for key, value in part.readers.items() if key in keys},
        raised=tuple(one for one in part.raised if one.reason in reasons),
        seconds=part.seconds,
    )


def _in_order(
    tables: list[Any], shard: Shard, columns: Columns, clusters: Mapping[str, str]
) -> Any:
    """Return the rows of a shard in their order, with their patients."""
    table = pa.concat_tables(tables)
    cases = {case.id: place for place, case in enumerate(shard.cases)}
    readings = {r.id: place for case in shard.cases for place, r in enumerate(case.readings)}
    case_ids = table.column("case").to_pylist()
    order = np.lexsort(
        (
            [readings.get(one, -1) for one in table.column("reading").to_pylist()],
            [columns.by_key[key] for key in table.column("key").to_pylist()],
            [cases[one] for one in case_ids],
        )
    )
    cluster = pa.array([clusters[one] for one in case_ids], pa.string())
    whole = table.drop_columns(["key"]).append_column(SCHEMA.field("cluster"), cluster)
    return whole.take(order).cast(SCHEMA)


def _add(found: Assembled, part: Part, columns: Columns) -> None:
    found.log.hear_again(part.raised)
    for key, spent in part.spent.items():
        found.spent[key] = found.spent.get(key, Spent()) + spent
    for stage, seconds in part.seconds.items():
        found.seconds[stage] = found.seconds.get(stage, 0.0) + seconds
    for key, terms in part.terms.items():
        column = columns.all[columns.by_key[key]].column
        for case, one in terms.items():
            found.checks.note(column.entry, column.seed, case, one)
    for of_case in part.readers.values():
        for case, excess in of_case.items():
            found.checks.note_readers(case, excess)


class FailureCount:
    """Counts what went wrong, to be said once rather than once per case.

    A row is the map's failure when the map fails on every metric, and the metric's otherwise.
    """

    def __init__(self) -> None:
        self._bad: dict[str, dict[str, str]] = {}
        self._seen: dict[str, set[str]] = {}

    def see(self, table: Any) -> None:
        """Remember which entries and metrics failed on which cases."""
        names = ["entry", "case", "metric", "status", "reason"]
        rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
        of_map: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for entry, case, *rest in rows:
            of_map.setdefault((entry, case), []).append((rest[0], rest[1], rest[2]))
        for (entry, case), scored in of_map.items():
            self._see(entry, case, scored)

    def _see(self, entry: str, case: str, scored: list[tuple[str, str, str]]) -> None:
        bad = [(metric, reason) for metric, status, reason in scored if status in UNUSABLE]
        is_map = len(bad) == len(scored)
        for metric, _, _ in scored:
            self._seen.setdefault(f"metric {metric}", set()).add(case)
        self._seen.setdefault(entry, set()).add(case)
        for metric, reason in bad:
            culprit = entry if is_map else f"metric {metric}"
            self._bad.setdefault(culprit, {}).setdefault(case, reason)

    def notices(self) -> list[str]:
        """Say, per culprit, how many cases failed and the first reason."""
        return [
            self._notice(culprit, len(bad), *next(iter(bad.items())))
            for culprit, bad in self._bad.items()
        ]

    def _notice(self, culprit: str, bad: int, case: str, reason: str) -> str:
        counted = f"{culprit}: no usable score on {bad} of {len(self._seen[culprit])} cases"
        return with_first(f"{counted}, which count as the floor", f"case {case}", reason)

    def hopeless(self) -> dict[str, str]:
        """Return what failed on every case, with the first reason."""
        return {
            culprit: next(iter(bad.values()))
            for culprit, bad in self._bad.items()
            if len(bad) == len(self._seen[culprit])
        }
