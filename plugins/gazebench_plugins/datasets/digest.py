"""Adding named content to a digest, so that no two inputs can be told the same way."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Protocol

from gazebench.errors import DataError

_CHUNK = 1 << 20


class Digest(Protocol):
    """What `hashlib` gives."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        ...


def add_text(digest: Digest, *texts: str) -> None:
    """Add texts, each with its length."""
    for text in texts:
        content = text.encode()
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)


def add_file(digest: Digest, name: str, path: Path) -> None:
    """Add a name and a file's content, decompressed when it ends in .gz.

    Raises:
        DataError: the file cannot be read.
    """
    add_text(digest, name)
    size = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}", do="fetch the file again") from error
    digest.update(size.to_bytes(8, "little"))
