"""Every error a user can meet, and the exit code of each.

    GazeBenchError            1
    ├── UsageError            2   the command, an option or a configuration value
    ├── DataError             3   a dataset's files
    │   ├── BadFileError      3   one of them, with its row
    │   └── NoGazeError       3   readings that were drawn, not tracked
    ├── PluginError           4   a plugin that cannot be found, loaded or trusted
    ├── RunError              5   a run that cannot go on, or cannot be written
    └── RecordError           6   a leaderboard record

A message says what is wrong and where, found against expected; `do` says what to do about it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path


class GazeBenchError(Exception):
    """Something the user can mend: a message, and what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, do: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.do = do

    def __str__(self) -> str:
        return f"{self.message}\nDo: {self.do}" if self.do else self.message


class UsageError(GazeBenchError):
    """A command line, option or configuration value that makes no sense."""

    exit_code = 2


class DataError(GazeBenchError):
    """A dataset file that is missing, malformed or contradicts another."""

    exit_code = 3


class BadFileError(DataError):
    """A `DataError` that knows its file and row; the header is row 1."""

    def __init__(self, file: Path, row: int | None, message: str, *, do: str = "") -> None:
        where = file if row is None else f"{file}:{row}"
        super().__init__(f"{where}: {message}", do=do)
        self.file = file
        self.row = row
        self.reason = message

    def __reduce__(self) -> tuple[Callable[[], BadFileError], tuple[()]]:
        """Go from one process to another as a whole; by itself it would not arrive."""
        return partial(BadFileError, self.file, self.row, self.reason, do=self.do), ()


class NoGazeError(DataError):
    """A reading without gaze: somebody marked the image, and no eyes were tracked."""


class PluginError(GazeBenchError):
    """A plugin that is unknown, ambiguous, failed to load or broke its contract."""

    exit_code = 4


class NotApplicableError(PluginError):
    """A plugin that does not apply here; what it would have made is left out, with this reason."""


class RunError(GazeBenchError):
    """A run that cannot start, continue or be written."""

    exit_code = 5


class RecordError(GazeBenchError):
    """A leaderboard record that is malformed or cannot be compared."""

    exit_code = 6
