"""What is wrong with a file: errors that know their row, and the `Problem` values made of them."""

from __future__ import annotations

from pathlib import Path

from gazebench.errors import DataError
from gazebench.spec import Problem


class BadFileError(DataError):
    """A `DataError` that knows its file and row; the header is row 1."""

    def __init__(self, file: Path, row: int | None, message: str, *, do: str = "") -> None:
        where = file if row is None else f"{file}:{row}"
        super().__init__(f"{where}: {message}", do=do)
        self.file = file
        self.row = row
        self.reason = message


def fatal(error: DataError, *, file: Path | None = None) -> Problem:
    """Return a problem that a run would refuse; `file` where the error does not know it."""
    if isinstance(error, BadFileError):
        return Problem(str(error.file), error.row, error.reason, is_fatal=True)
    return Problem(str(file or ""), None, error.message, is_fatal=True)


def odd(file: Path, row: int | None, message: str) -> Problem:
    """Return a problem that a run can live with."""
    return Problem(str(file), row, message, is_fatal=False)
