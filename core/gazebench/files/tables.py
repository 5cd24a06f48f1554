"""A table of fixations as arrays, from CSV or Parquet, every complaint with its file and row."""

from __future__ import annotations

import copy
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import BadFileError
from gazebench.files.packed import unpacked
from gazebench.files.parquet import read_parquet
from gazebench.spec.suggest import suggest

Values: TypeAlias = Sequence[str | float | int | bool]

SUFFIXES = (".csv", ".csv.gz", ".parquet")
FIRST_ROW = 2  # rows count from 1, and the header of a CSV is row 1
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False, "True": True, "False": False}


class FixationTable:
    """Columns of one file; a CSV's cells are text until a number is asked for.

    Raises:
        BadFileError: the file is missing, damaged, of another kind, or empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._table = _read(path)
        if not self._table.num_rows:
            raise BadFileError(path, None, "holds no row", do="check the file")
        self._rows: NDArray[np.int64] = np.arange(self._table.num_rows) + FIRST_ROW

    def __len__(self) -> int:
        return len(self._rows)

    def has(self, name: str) -> bool:
        """Whether there is a column of a name."""
        return name in self._table.column_names

    def only(self, kept: NDArray[np.bool_]) -> FixationTable:
        """Return the table without the other rows; the rows keep their numbers."""
        chosen = copy.copy(self)
        chosen._table = self._table.filter(kept)
        chosen._rows = self._rows[kept]
        return chosen

    def texts(self, name: str) -> list[str]:
        """Return a column as text.

        Raises:
            BadFileError: there is no such column, or a cell is blank.
        """
        column = self._strings(name)
        if "" in column:
            raise self.refuse(column.index(""), f"{name} is blank")
        return column

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as finite numbers.

        Raises:
            BadFileError: there is no such column, or a cell is no number.
        """
        values = _as_numbers(self._column(name))
        if values is not None and np.isfinite(values).all():
            return values
        for bad in self.bad_numbers(name):
            raise bad
        return np.array([float(text) for text in self._strings(name)])  # "+1" is none to Arrow

    def bad_numbers(self, name: str) -> Iterator[BadFileError]:
        """Yield an error for every cell of a column that is no finite number."""
        for index, text in enumerate(self._strings(name)):
            if not _is_number(text):
                yield self.refuse(index, f"{name} must be a number, found {text!r}")

    def values(self, name: str) -> Values:
        """Return a column as the kind of value it holds throughout: truth, number or text.

        A blank among numbers is NaN, which compares with nothing.

        Raises:
            BadFileError: there is no such column.
        """
        texts = self._strings(name)
        filled = {text for text in texts if text}
        if filled and all(text in _TRUTHS for text in texts):
            return [_TRUTHS[text] for text in texts]
        if filled and all(_is_number(text) for text in filled):
            return [_number(text) if text else math.nan for text in texts]
        return texts

    def refuse(self, index: int, message: str) -> BadFileError:
        """Return the error that names a row, given its place in this table from 0."""
        return BadFileError(self.path, int(self._rows[index]), message, do="mend the table")

    def _strings(self, name: str) -> list[str]:
        import pyarrow as pa

        column = self._column(name).cast(pa.string())
        return [(text or "").strip() for text in column.to_pylist()]

    def _column(self, name: str) -> Any:
        names = self._table.column_names
        if name not in names:
            raise BadFileError(
                self.path,
                1,
                f"the column {name!r} is missing; found {', '.join(names)}",
                do=f"{suggest(name, names)} mend the description's columns".lstrip(),
            )
        if names.count(name) > 1:
            twice = f"the column {name!r} is there twice"
            raise BadFileError(self.path, 1, twice, do="remove one")
        return self._table.column(name)


def _read(path: Path) -> Any:
    import pyarrow as pa

    if not path.name.endswith(SUFFIXES):
        raise BadFileError(
            path, None, f"is none of {', '.join(SUFFIXES)}", do="convert the table to one of these"
        )
    try:
        return read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except FileNotFoundError:
        raise BadFileError(
            path, None, "does not exist", do="mend table in the description"
        ) from None
    except UnicodeDecodeError as error:
        raise BadFileError(
            path, None, f"is not UTF-8 text: {error.reason}", do="save the table as UTF-8"
        ) from error
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        raise BadFileError(
            path, None, f"cannot be read: {str(error).splitlines()[0]}", do="check the file"
        ) from error


def _read_csv(path: Path) -> Any:
    """Read every cell as text: a number that is none is then told with its row."""
    import pyarrow as pa
    from pyarrow import csv

    content = unpacked(path)
    if not content.strip():
        raise BadFileError(path, None, "is empty, expected a header", do="check the file")
    header = csv.open_csv(pa.BufferReader(content)).schema.names
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
    )
    return csv.read_csv(pa.BufferReader(content), convert_options=options)


def _as_numbers(column: Any) -> NDArray[np.float64] | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.utf8_trim_whitespace(column)
    try:
        values = column.cast(pa.float64())
    except pa.ArrowException:
        return None
    return np.asarray(values.to_numpy(), dtype=np.float64)  # a null becomes NaN


def _is_number(text: str) -> bool:
    """Say whether a text is a finite number; "1_000" is one to Python alone."""
    try:
        return "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
