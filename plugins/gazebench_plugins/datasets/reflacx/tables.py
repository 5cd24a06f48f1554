"""CSV files read by explicit types, every complaint with its file and row."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from gazebench.spec.suggest import suggest
from gazebench_plugins.datasets.faults import BadFileError

_TRUTHS: Mapping[str, bool] = {"true": True, "false": False, "1": True, "0": False}
LONGEST_LINE = 2**20  # characters; csv takes no more than 2^17 in one cell
_READ_ERRORS = (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error)


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a CSV file, its cells by column name."""

    file: Path
    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell without surrounding blanks."""
        return self.cells[column].strip()

    def real(self, column: str) -> float:
        """Return a finite number.

        Raises:
            BadFileError: it is none.
        """
        try:
            value = float(self.text(column))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.refuse(f"{column} must be a number, found {self.text(column)!r}")
        return value

    def integer(self, column: str) -> int:
        """Return a whole number, written as `5` or as `5.0`.

        Raises:
            BadFileError: it is none.
        """
        value = self.real(column)
        if not value.is_integer():
            raise self.refuse(f"{column} must be a whole number, found {self.text(column)!r}")
        return int(value)

    def boolean(self, column: str) -> bool:
        """Return a truth value, in any case (spreadsheets write TRUE); 1 and 0 count too.

        Raises:
            BadFileError: it is none.
        """
        text = self.text(column).casefold().removesuffix(".0")
        if text not in _TRUTHS:
            raise self.refuse(f"{column} must be True or False, found {self.text(column)!r}")
        return _TRUTHS[text]

    def refuse(self, message: str, *, do: str = "") -> BadFileError:
        """Return the error that names this row."""
        return BadFileError(
            self.file, self.number, message, do=do or "compare with the original file"
        )


class Table(NamedTuple):
    """A CSV file in memory."""

    file: Path
    columns: tuple[str, ...]
    rows: Sequence[Row]


def find_table(folder: Path, stem: str) -> Path | None:
    """Return `stem.csv` or `stem.csv.gz` in a folder, None when neither is there."""
    for suffix in (".csv", ".csv.gz"):
        path = folder / f"{stem}{suffix}"
        if path.is_file():
            return path
    return None


def read_table(
    path: Path, *, needs: Collection[str], aliases: Mapping[str, str] | None = None
) -> Table:
    """Read a whole CSV file; an index column without a name is dropped.

    `needs` must be among the columns, after `aliases` (old name -> name) are applied.

    Raises:
        BadFileError: unreadable, no header, a column missing or twice, or a row of another length.
    """
    records = read_records(path)
    try:
        header = next(records)
    except StopIteration:
        raise BadFileError(path, None, "is empty, expected a header", do="fetch it again") from None
    names = [(aliases or {}).get(name.strip(), name.strip()) for name in header]
    first = 1 if names and not names[0] else 0
    columns = tuple(names[first:])
    check_columns(path, columns, needs)
    rows = []
    for number, record in enumerate(records, start=2):
        if len(record) != len(names):
            raise BadFileError(
                path,
                number,
                f"{len(record)} cells, expected {len(names)}",
                do="fetch the file again: it may be truncated",
            )
        cells = dict(zip(columns, record[first:], strict=True))
        rows.append(Row(path, number, cells))
    return Table(path, columns, rows)


def read_records(path: Path) -> Iterator[list[str]]:
    """Yield every record that is not blank, the header first.

    Raises:
        BadFileError: the file is missing, not UTF-8, not CSV, or a damaged gzip file.
    """
    try:
        with _open_text(path) as text:
            yield from (record for record in csv.reader(_lines(text), strict=True) if record)
    except FileNotFoundError:
        raise BadFileError(path, None, "does not exist", do="fetch the dataset again") from None
    except _READ_ERRORS as error:
        raise BadFileError(
            path, None, f"cannot be read: {error}", do="fetch the file again: it may be damaged"
        ) from error


def _open_text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _lines(text: IO[str]) -> Iterator[str]:
    """Yield the lines of a table; one without an end would be read into memory as a whole."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise csv.Error(f"a line has more than {LONGEST_LINE:,} characters")
        yield line


def check_columns(path: Path, columns: Sequence[str], needs: Collection[str]) -> None:
    """Refuse a table with a column missing, or there twice.

    Raises:
        BadFileError: there is such a column.
    """
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise BadFileError(path, 1, f"the column {twice[0]!r} is there twice", do="remove one")
    missing = [name for name in needs if name not in columns]
    if missing:
        hint = suggest(missing[0], columns)
        raise BadFileError(
            path,
            1,
            f"the column {missing[0]!r} is missing; found {', '.join(columns)}",
            do=f"{hint} rename or restore the column".lstrip(),
        )
