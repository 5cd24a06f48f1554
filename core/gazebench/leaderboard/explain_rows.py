"""Where the rows behind a number are, and a line of Python that finds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gazebench.engine.store import SCORES
from gazebench.errors import DataError
from gazebench.leaderboard.pool import ALL
from gazebench.leaderboard.scored_table import SUBSETS
from gazebench.leaderboard.table_file import TableFile, read_table
from gazebench.leaderboard.table_subsets import MAJORITY, OPPOSITES
from gazebench.leaderboard.tidy import SCORE_COLUMNS
from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a file.

    Attributes:
        file: the table.
        condition: which of its rows, as pandas' `query` takes it.
        line: Python that prints their mean.
    """

    file: Path
    condition: str
    line: str


def rows_behind(path: Path, entry: str, kind: EntryKind, metric: str, subset: str) -> Rows:
    """Find the rows of an entry on a metric; `subset` is "all", a name, or NAME=EXPRESSION.

    Raises:
        DataError: the table cannot be read.
    """
    file = read_table(path)
    score = next((name for name in SCORE_COLUMNS if name in file.names), None)
    if score is None:
        raise file.lacks(SCORE_COLUMNS[0])
    conditions = [*_of_entry(file, entry, kind), f"metric == {metric!r}"]
    before, member = _of_subset(path, file, subset)
    condition = " and ".join([*conditions, *member])
    found = path / SCORES if path.is_dir() else path
    return Rows(
        file=found,
        condition=condition,
        line=f"{before}import pandas as pd; "
        f"print(pd.{_reader(found)}.query({condition!r})[{score!r}].mean())",
    )


def _of_entry(file: TableFile, entry: str, kind: EntryKind) -> Iterator[str]:
    """Undo what `tidy_scores` does to names where a table has several mixings."""
    mixings = sorted(set(file.texts("mixing"))) if "mixing" in file.names else []
    if len(mixings) < 2:
        yield f"entry == {entry!r}"
        return
    known = set(file.texts("entry"))
    mixing = next((m for m in mixings if m and entry.endswith(f"/{m}")), mixings[0])
    name = entry if kind is not EntryKind.ENTRY or entry in known else entry[: -len(mixing) - 1]
    yield f"entry == {name!r}"
    yield f"mixing == {mixings[0] if kind is not EntryKind.ENTRY else mixing!r}"


def _of_subset(path: Path, file: TableFile, subset: str) -> tuple[str, list[str]]:
    """Return what has to be read before, and the condition of belonging."""
    name, is_expression, expression = subset.partition("=")
    if subset == ALL:
        return "", []
    if path.is_dir() and (path / SUBSETS).is_file():
        where = (path / SUBSETS).as_posix()
        read = f"json.loads(pathlib.Path({where!r}).read_text())"
        return f"import json, pathlib; cases = {read}['cases'][{name!r}]; ", ["case in @cases"]
    if is_expression:
        return "", [f"({expression.strip()})"]
    opposite = next((one for one, other in OPPOSITES.items() if other == name), None)
    if f"{name}{MAJORITY}" in file.names:
        return "", [f"{_column(name + MAJORITY)} == 1"]
    if opposite is None:
        raise DataError(f"{file.path} does not say which images are {name}")
    return "", [f"{_column(opposite + MAJORITY)} == 0"]


def _column(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"


def _reader(path: Path) -> str:
    where = path.as_posix()
    if path.suffix == ".parquet":
        return f"read_parquet({where!r})"
    return f"read_csv({where!r}" + (", sep='\\t')" if ".tsv" in path.suffixes else ")")
