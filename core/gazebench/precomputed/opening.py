"""From folders of maps to leaderboard entries, everything checked before anything is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.precomputed.checks import (
    check_coverage,
    check_kinds,
    check_shapes,
    missing,
    nonfinite,
)
from gazebench.precomputed.formats import FORMATS, suffix_of
from gazebench.precomputed.listing import Item, items_in, sha256_of
from gazebench.precomputed.manifest import FILE_NAME, Declared, entry_name, read_manifest
from gazebench.precomputed.matching import Matched, Matcher
from gazebench.precomputed.patterns import CaseNames
from gazebench.precomputed.scanpaths import Scanpaths, find_table, read_scanpaths
from gazebench.precomputed.values import (
    StoredArray,
    StoredEntry,
    StoredMap,
    Which,
    named,
)
from gazebench.spec.notices import with_names
from gazebench.spec.values import Case, Size


def open_maps(
    folders: Sequence[Path], cases: Sequence[Case], scored: Sequence[Case]
) -> tuple[StoredEntry, ...]:
    """Open every folder, and check every map that will be scored.

    `scored` are the cases that need a map; those of the other `cases` may have one.

    Raises:
        DataError: a folder, a manifest or a file is missing or malformed, covers no case, or holds
            a map that cannot lie on its image.
        UsageError: a file takes a library that is not installed.
    """
    opened = [_Folder(folder, cases, scored) for folder in folders]
    return tuple(entry for folder in opened for entry in folder.entries())


class _Folder:
    """One folder (or one file, or one manifest) that the user names."""

    def __init__(self, given: Path, cases: Sequence[Case], scored: Sequence[Case]) -> None:
        self._given = given
        self._root, self._items, self._declared = _look_into(given)
        self._cases = cases
        self._scored = scored
        self._names = CaseNames(case.id for case in cases)
        self._sizes = {case.id: case.size for case in cases}
        self._hashes: dict[Path, str] = {}

    def entries(self) -> list[StoredEntry]:
        """Return the folder's entries; the first has the notices about the folder."""
        used: set[Path] = set()
        entries = [self._entry(declared, used) for declared in self._declared]
        extra = [
            item.name
            for item in self._items
            if item.path not in used and (suffix_of(item.name) in FORMATS or item.path.is_dir())
        ]
        if extra:
            first = entries[0]
            notice = f"{first.name}: {_files(extra)} of no case, left out"
            named_all = with_names(notice, named(extra))
            entries[0] = replace(first, notices=(*first.notices, named_all))
        return entries

    def _entry(self, declared: Declared, used: set[Path]) -> StoredEntry:
        if declared.scanpaths is not None:
            item = find_table(declared.scanpaths, self._items, self._root)
            found = read_scanpaths(declared.scanpaths, item, self._cases, self._names)
            used.add(item.path)
            return self._scanpath_entry(declared, found)
        matched = Matcher(declared, self._names).match(self._items)
        used.update(matched.items)
        return self._map_entry(declared, matched)

    def _scanpath_entry(self, declared: Declared, found: Scanpaths) -> StoredEntry:
        if not found.maps:
            raise DataError(
                f"{found.item.path} has fixations of no case of the dataset: expected for "
                f"example {self._names.ids[0]}, found {named(found.extra)}",
                do="name the column of case ids: [scanpaths.columns] case = ...",
            )
        notices = [f"{declared.name}: {notice}" for notice in found.notices]
        if found.extra:
            notice = f"{declared.name}: images that are no case"
            notices.append(with_names(notice, named(found.extra)))
        return self._made(declared, found.maps, [found.item], notices)

    def _map_entry(self, declared: Declared, matched: Matched) -> StoredEntry:
        if declared.files is None:
            check_kinds(self._items, matched, self._names)
        check_coverage(
            declared,
            matched,
            folder=self._given,
            items=self._items,
            scored=[case.id for case in self._scored],
        )
        maps = {which: self._map(declared, which, a) for which, a in matched.arrays.items()}
        check_shapes(declared, matched, maps, self._sizes)
        items = list(matched.items.values())
        kinds = sorted({suffix_of(item.name) or "zarr" for item in items})
        low = ", low values salient" if declared.inverted else ""
        source = f"maps from {_files(items)} ({', '.join(kinds)})"
        notices = [f"{declared.name}: {source}, {declared.covering.in_words}{low}"]
        if matched.extra:
            notice = f"{declared.name}: arrays of no case, left out"
            notices.append(with_names(notice, named(matched.extra)))
        return self._made(declared, maps, items, notices, matched.arrays)

    def _made(
        self,
        declared: Declared,
        maps: Mapping[Which, StoredMap],
        items: Sequence[Item],
        notices: Sequence[str],
        arrays: Mapping[Which, StoredArray] | None = None,
    ) -> StoredEntry:
        files = {item.name: self._hash(item) for item in items}
        seeds = tuple(sorted({which.seed for which in maps}))
        wanted = [Which(seed, case.id) for seed in seeds for case in self._scored]
        return StoredEntry(
            name=declared.name,
            folder=self._given,
            about={**declared.about, "declared": dict(declared.given)},
            seeds=seeds,
            maps=maps,
            files=files,
            notices=(
                *notices,
                *missing(declared.name, wanted, maps),
                *nonfinite(declared.name, wanted, arrays or {}),
            ),
        )

    def _map(self, declared: Declared, which: Which, array: StoredArray) -> StoredMap:
        array.check()
        return StoredMap(
            shape=Size(*array.shape),
            placement=declared.covering.placement(self._sizes[which.case]),
            values=partial(_negative, array) if declared.inverted else array.read,
        )

    def _hash(self, item: Item) -> str:
        if item.path not in self._hashes:
            self._hashes[item.path] = sha256_of(item.path)
        return self._hashes[item.path]


def _look_into(given: Path) -> tuple[Path, tuple[Item, ...], tuple[Declared, ...]]:
    """Return the folder, what lies in it, and what its manifest declares.

    A file is a folder that holds nothing else; a manifest of any name is about its folder.
    """
    if given.is_dir():
        root, manifest = given, given / FILE_NAME
    elif given.is_file() and suffix_of(given.name) == ".toml":
        root, manifest = given.parent, given
    elif given.is_file() and suffix_of(given.name) in FORMATS:
        return given.parent, (Item(given, given.name),), (Declared(name=_name(given.stem)),)
    else:
        raise DataError(
            f"{given} {'is no file of maps' if given.exists() else 'does not exist'}",
            do=f"give a folder of maps, or one of {', '.join(FORMATS)}",
        )
    name = root.resolve().name.removesuffix(".zarr")
    items = tuple(item for item in items_in(root) if item.path.suffix != ".toml")
    if not manifest.is_file():
        return root, items, (Declared(name=_name(name)),)
    return root, items, read_manifest(manifest, name)


def _name(found: str) -> str:
    try:
        return entry_name(found)
    except ValueError:
        raise DataError(
            f"the folder's name {found!r} cannot be an entry's name",
            do=f'write name = "..." into its {FILE_NAME}',
        ) from None


def _negative(array: StoredArray) -> NDArray[np.float32]:
    return -array.read()


def _files(found: Sequence[object]) -> str:
    return f"{len(found)} file{'' if len(found) == 1 else 's'}"
