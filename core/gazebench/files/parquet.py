"""Parquet files under any name that a folder may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_parquet(path: Path) -> Any:
    """Return a file's table, and nothing of what folders above it are called.

    The file is opened here: pyarrow takes a path for an address, which is always text, and its
    folders for columns ("seed=1").

    Raises:
        OSError: the file cannot be read.
        pyarrow.ArrowException: it is no table.
    """
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        return pq.read_table(file)
