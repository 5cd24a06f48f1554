"""Score rows as a table, and files that are whole or absent."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from gazebench.errors import RunError
from gazebench.spec.values import ScoreRow

SCHEMA = pa.schema(
    [
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("case", pa.string(), nullable=False),
        pa.field("reading", pa.string(), nullable=False),
        pa.field("entry", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=True),
        pa.field("status", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),
    ]
)
SCORES = "scores.parquet"
PARTIAL = ".partial"  # of a file that is being written, or that nobody came to finish


def score_table(rows: Iterable[ScoreRow]) -> Any:
    """Return score rows as a table with `SCHEMA`."""
    names = [item.name for item in fields(ScoreRow)]
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for row in rows:
        for name in names:
            columns[name].append(getattr(row, name))
    return pa.table(
        {name: pa.array(columns[name], type=SCHEMA.field(name).type) for name in names},
        schema=SCHEMA,
    )


def make_folder(folder: Path) -> None:
    """Make a folder where it does not exist.

    Raises:
        RunError: it cannot be made, or a file lies there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot make the folder {folder}: {error.strerror or error}",
            do="choose another folder with --out",
        ) from error


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step.

    Several processes may write the same file at once: each fills a temporary file of its own.

    Raises:
        RunError: the folder cannot be written, or the disk is full.
    """
    partial = path.parent / f".{uuid.uuid4().hex}{PARTIAL}"
    try:
        write(partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):  # where there is no folder there is nothing to remove
            partial.unlink(missing_ok=True)
        raise RunError(
            f"cannot write {path}: {error.strerror or error}",
            do="free some space or choose another folder with --out",
        ) from error


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left half-written below a folder that nobody else works in."""
    for partial in folder.rglob(f".*{PARTIAL}"):
        with suppress(OSError):
            partial.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, UTF-8, with the line ends it has."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""

    def write(partial: Path) -> None:
        partial.write_bytes(content)

    write_atomically(path, write)
