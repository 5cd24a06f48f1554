"""A table on disk: CSV (also gzipped), TSV, Parquet, or a run's folder."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from gazebench.engine.store import SCORES
from gazebench.errors import DataError
from gazebench.files.packed import unpacked
from gazebench.files.parquet import read_parquet
from gazebench.spec.suggest import suggest

NO_NUMBER = frozenset({"", "nan", "na", "n/a", "none", "null"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableFile:
    """A table and where it came from."""

    path: Path
    first_row: int  # the number a user would give the first row of data
    table: Any

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in their order."""
        return tuple(self.table.column_names)

    def where(self, row: int) -> str:
        """Return file and row, as an error should name them."""
        return f"{self.path}:{row + self.first_row}"

    def texts(self, name: str) -> list[str]:
        """Return a column as texts without surrounding blanks; null is an empty text."""
        return [
            (text or "").strip() for text in self.table.column(name).cast(pa.string()).to_pylist()
        ]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as numbers; NaN where there is none.

        Raises:
            DataError: something is neither a number nor empty; names file and row.
        """
        column = self.table.column(name)
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            stored: NDArray[np.float64] = column.to_numpy(zero_copy_only=False).astype(np.float64)
            return stored
        return np.array(
            [self._number(name, row, text) for row, text in enumerate(self.texts(name))]
        )

    def require(self, name: str) -> str:
        """Return the name of a column that has to be there.

        Raises:
            DataError: it is not.
        """
        if name in self.names:
            return name
        raise self.lacks(name)

    def lacks(self, name: str, *, do: str = "") -> DataError:
        """Return the error that a column is not there."""
        hint = suggest(name, self.names)
        return DataError(
            f"{self.path} has no column {name!r}" + (f"; {hint}" if hint else ""),
            do=do or f"the columns are {', '.join(self.names)}; rename one",
        )

    def _number(self, name: str, row: int, text: str) -> float:
        if text.lower() in NO_NUMBER:
            return float("nan")
        try:
            return float(text)
        except ValueError:
            raise DataError(
                f"{self.where(row)}: {name} must be a number, found {text!r}",
                do="correct the row; leave the cell empty where there is no score",
            ) from None


def read_table(path: Path) -> TableFile:
    """Read a table, or the scores of a run's folder.

    Raises:
        DataError: there is no such file, it is not a table, or it has no rows.
    """
    found = path / SCORES if path.is_dir() else path
    if not found.is_file():
        what = (
            f"the folder {path} holds no {SCORES}" if path.is_dir() else f"there is no file {path}"
        )
        tables = sorted(p.name for p in path.glob("*.csv*")) if path.is_dir() else []
        raise DataError(
            what,
            do=f"name one of its tables: {', '.join(tables)}"
            if tables
            else "give a CSV or Parquet table of scores, or the folder of a run",
        )
    try:
        is_parquet = found.suffix == ".parquet"
        file = _parquet(found) if is_parquet else _csv(found)
    except (
        OSError, EOFError, zlib.error, UnicodeDecodeError, pa.ArrowException, csv.Error
    ) as error:  # fmt: skip
        raise DataError(f"{found} cannot be read as a table: {error}") from error
    if file.table.num_rows == 0:
        raise DataError(f"{found} has no rows", do="give a table with at least one score")
    return file


def _parquet(path: Path) -> TableFile:
    return TableFile(path=path, first_row=1, table=read_parquet(path))


def _csv(path: Path) -> TableFile:
    text = unpacked(path).decode("utf-8-sig")
    is_tsv = ".tsv" in path.suffixes
    names = _header(path, text, "\t" if is_tsv else ",")
    table = pa_csv.read_csv(
        io.BytesIO(text.encode()),
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1),
        parse_options=pa_csv.ParseOptions(
            delimiter="\t" if is_tsv else ",", newlines_in_values=True
        ),
        # Everything is text here: what a column means is decided by those who know its name.
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return TableFile(path=path, first_row=2, table=table)


def _header(path: Path, text: str, delimiter: str) -> Sequence[str]:
    lines = io.StringIO(text, newline=None)  # line ends of any system
    names = [name.strip() for name in next(csv.reader(lines, delimiter=delimiter), [])]
    if not any(names):
        raise DataError(f"{path} is empty", do="give a table with a header and at least one score")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path} has the column {twice[0]!r} more than once", do="keep one")
    if len(names) == 1 and ";" in names[0]:
        raise DataError(f"{path} is separated by semicolons", do="separate its columns by commas")
    return names
