"""Files that may be gzipped, read as a whole: a small one that grows without end is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

from gazebench.errors import BadFileError

LARGEST = 2 * 2**30  # bytes; the largest table of MIMIC-CXR has some tens of millions


def unpacked(path: Path) -> bytes:
    """Return a file's bytes, unpacked where its name ends with .gz.

    Raises:
        BadFileError: a gzipped file holds more than `LARGEST` bytes.
        OSError, EOFError, zlib.error: it cannot be read, or is no gzip file.
    """
    if path.suffix != ".gz":
        return path.read_bytes()
    with gzip.open(path) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BadFileError(
            path,
            None,
            f"holds more than {LARGEST / 2**30:g} GB when it is unpacked",
            do="give the table that was meant, or unpack it first",
        )
    return content
