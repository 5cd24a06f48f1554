"""What a folder of maps holds: arrays on disk, maps over images, leaderboard entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError, GazeBenchError
from gazebench.files.pictures import check_pixels
from gazebench.spec.geometry import Placement
from gazebench.spec.values import Size

SHOWN = 5  # names in a message


class Which(NamedTuple):
    """Which map of an entry: of what seed and case."""

    seed: int
    case: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredArray:
    """An array in a file, of which only the header has been read.

    Attributes:
        file: that holds it.
        key: its name within the file; "" where the file is the array.
        shape: as the header says.
        dtype: as the header says, for messages; `kind` is numpy's letter for it.
        decode: reads it.
    """

    file: Path
    key: str
    shape: tuple[int, ...]
    dtype: str
    kind: str
    decode: Callable[[], NDArray[Any]]

    @property
    def where(self) -> str:
        """The file, and the name within it."""
        return f"{self.file}[{self.key}]" if self.key else str(self.file)

    def check(self) -> None:
        """Refuse what is no map.

        Raises:
            DataError: it is not a plane of real numbers, is empty, or claims an absurd size.
        """
        if self.kind == "O":
            raise DataError(
                f"{self.where} holds Python objects, and unpickling them could run any program",
                do="save plain numbers: numpy.save(file, array, allow_pickle=False)",
            )
        if self.kind not in "fiub":
            raise DataError(
                f"{self.where} is of type {self.dtype}, expected real numbers",
                do="save the map as float32",
            )
        if len(self.shape) != 2:
            raise DataError(
                f"{self.where} has the shape {list(self.shape)}, expected [height, width]",
                do="save one plane of numbers per map",
            )
        if 0 in self.shape:
            raise DataError(
                f"{self.where} is empty: its shape is {list(self.shape)}", do="save the map again"
            )
        check_pixels(self.where, *self.shape)

    def read(self) -> NDArray[np.float32]:
        """Return the numbers in single precision; what exceeds its range becomes infinite.

        Raises:
            DataError: the file is damaged, or no longer what its header said.
        """
        with damage_told(self.where):
            found = np.asarray(self.decode())
        if found.shape != self.shape:
            raise DataError(
                f"{self.where} has the shape {list(found.shape)}, but its header says "
                f"{list(self.shape)}",
                do="do not change the maps while a run reads them",
            )
        with np.errstate(over="ignore"):
            return found.astype(np.float32, copy=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredMap:
    """A map that can be read, and how it lies on its image.

    Attributes:
        shape: of the map as stored.
        placement: of the image on the canvas that the map covers; None where it covers the image.
        values: reads the map, [h, w]; higher is more salient.
    """

    shape: Size
    placement: Placement | None
    values: Callable[[], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredEntry:
    """Maps on disk that are one row of the leaderboard.

    Attributes:
        name: of the entry.
        folder: as the user gave it.
        about: what the manifest says of it (title, model, method, ...), plain values.
        seeds: for each of which there is a map of every case, or a reason to count it missing.
        maps: by seed and case.
        files: the SHA-256 of every file that was used, by its name in the folder.
        notices: how the folder was understood, and what is odd about it.
    """

    name: str
    folder: Path
    about: Mapping[str, Any]
    seeds: tuple[int, ...]
    maps: Mapping[Which, StoredMap]
    files: Mapping[str, str]
    notices: tuple[str, ...]


@contextmanager
def damage_told(where: object) -> Iterator[None]:
    """Turn whatever a decoder raises into a DataError that names the file.

    There is no end to what decoders raise when bytes are wrong: tokenizer errors, SystemError, ...
    """
    try:
        yield
    except GazeBenchError:
        raise
    except Exception as error:
        told = str(error).strip().splitlines()
        raise DataError(
            f"{where} cannot be read: {told[0] if told else type(error).__name__}",
            do="save the file again: it may be truncated",
        ) from error


def named(names: Sequence[object]) -> str:
    """List the first few names, such as cannot be printed in quotes.

    >>> named(["a", "b"]), named(list("abcdefgh"))
    ('a, b', 'a, b, c, d, e and 3 more')
    """
    texts = [str(name) for name in names[:SHOWN]]
    shown = ", ".join(text if text.isprintable() else repr(text) for text in texts)
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
