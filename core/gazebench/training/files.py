"""Files of a training folder: each is whole or absent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from gazebench.errors import RunError


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step.

    The temporary name holds the process id: two trainings may share a folder of pixels.

    Raises:
        RunError: the folder cannot be written, or the disk is full.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror or error}",
            do="free some space or choose another folder with --out",
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file atomically, with the line ends it has."""
    write_atomically(path, lambda partial: partial.write_bytes(text.encode()))


def claim(folder: Path) -> None:
    """Make sure that a folder exists and can be written, before any work.

    Raises:
        RunError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".gazebench-probe.{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise RunError(
            f"cannot write to the output folder {folder}: {error.strerror or error}",
            do="choose another folder with --out",
        ) from error
