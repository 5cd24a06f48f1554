"""Maps that are kept: one file per shard and entry, found again by what made the maps.

A map is kept as it was born, small and before it is stretched over its image, in the single
precision that it is scored in: scores of kept maps are those of new ones, bit for bit.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.barrier import Failure
from gazebench.engine.maps import BornMap
from gazebench.engine.store import make_folder, write_bytes
from gazebench.errors import DataError, RunError
from gazebench.precomputed.values import StoredMap, damage_told
from gazebench.spec.geometry import Part, Placement
from gazebench.spec.values import Size, Status

FORMAT = 2
ABOUT = "about"


class KeptFile(NamedTuple):
    """A file of kept maps: case -> its map, unread, or why there is none."""

    maps: Mapping[str, StoredMap]
    failures: Mapping[str, Failure]


class MapStore:
    """A folder of kept maps. Several processes may fill it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, shard: str, map_key: str, made: Mapping[str, BornMap | Failure]) -> None:
        """Keep an entry's maps of the cases of a shard.

        Raises:
            RunError: the folder cannot be written, or the disk is full.
        """
        path = self.path(shard, map_key)
        make_folder(path.parent)
        write_bytes(path, _packed(made))

    def of(self, shard: str, map_key: str) -> KeptFile | None:
        """Return the kept maps of a shard; None where there are none, or the file is torn."""
        path = self.path(shard, map_key)
        try:
            with damage_told(path):
                with np.load(path, allow_pickle=False) as arrays:
                    about = json.loads(arrays[ABOUT].tobytes())
                return _unpacked(path, about) if about["format"] == FORMAT else None
        except DataError:
            return None

    def path(self, shard: str, map_key: str) -> Path:
        """Return where the maps of an entry lie."""
        return self._folder / shard / f"{map_key}.npz"


def _packed(made: Mapping[str, BornMap | Failure]) -> bytes:
    maps: list[Any] = []
    failures: list[Any] = []
    arrays: dict[str, NDArray[Any]] = {}
    for case, one in made.items():
        if isinstance(one, Failure):
            failures.append([case, one.plugin, one.reason, one.status.value])
            continue
        arrays[str(len(maps))] = one.values
        maps.append([case, list(one.values.shape), one.placement, _digest(one.values)])
    about = {"format": FORMAT, "maps": maps, "failures": failures}
    arrays[ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _unpacked(path: Path, about: Mapping[str, Any]) -> KeptFile:
    maps = {
        case: StoredMap(
            shape=Size(*shape),
            placement=_placement(placement),
            values=partial(_read, path, str(number), digest),
        )
        for number, (case, shape, placement, digest) in enumerate(about["maps"])
    }
    failures = {
        case: Failure(plugin=plugin, reason=reason, status=Status(status))
        for case, plugin, reason, status in about["failures"]
    }
    return KeptFile(maps, failures)


def _placement(found: list[Any] | None) -> Placement | None:
    if found is None:
        return None
    scaled, top, left, canvas, part = found
    seen = None if part is None else Part(part[0], part[1], Size(*part[2]))
    return Placement(Size(*scaled), top, left, Size(*canvas), seen)


def _read(path: Path, name: str, digest: str) -> NDArray[np.float32]:
    """Return the values of a map.

    Raises:
        RunError: they are not what was kept, for which no entry is to blame.
    """
    try:
        with damage_told(path), np.load(path, allow_pickle=False) as arrays:
            found: NDArray[np.float32] = arrays[name]
            why = "" if _digest(found) == digest else "a map is not the one that was kept"
    except DataError as error:
        why = error.message
    if why:
        raise RunError(
            f"the kept maps in {path} are damaged: {why}",
            do="delete the file and run the command that kept them again, with --keep-maps",
        )
    return found


def _digest(values: NDArray[np.float32]) -> str:
    about = f"{values.dtype.str}{values.shape}".encode()
    return hashlib.sha256(about + np.ascontiguousarray(values).tobytes()).hexdigest()
