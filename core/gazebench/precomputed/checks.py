"""What is wrong with an entry's maps, or has to be said of them, before any is scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from gazebench.errors import DataError
from gazebench.precomputed.formats import FORMATS, REFUSED, suffix_of
from gazebench.precomputed.listing import Item
from gazebench.precomputed.manifest import FILE_NAME, Declared
from gazebench.precomputed.matching import Matched
from gazebench.precomputed.patterns import CaseNames
from gazebench.precomputed.scanpaths import TABLE_STEM
from gazebench.precomputed.values import StoredArray, StoredMap, Which, named
from gazebench.spec.notices import with_names
from gazebench.spec.values import Size

CHEAP = 64_000_000  # values: what is looked through for NaN before a run; the rest is, when scored

SCANPATHS_EXAMPLE = """[scanpaths]
pixels_per_degree = 30 # of the image as stored"""


def check_coverage(
    declared: Declared,
    matched: Matched,
    *,
    folder: Path,
    items: Sequence[Item],
    scored: Sequence[str],
) -> None:
    """Refuse an entry without a map of any case that is scored.

    Raises:
        DataError: there is none; says what names were expected, and what was found.
    """
    found = {which.case for which in matched.arrays}
    if found.intersection(scored):
        return
    if not found and any(item.name.startswith(f"{TABLE_STEM}.") for item in items):
        raise DataError(
            f"{folder} holds a table of fixations and no map",
            do=f"say what it means, in {folder / FILE_NAME}:\n{SCANPATHS_EXAMPLE}",
        )
    example = declared.files.example if declared.files else "{}.npy".format
    expected = example(scored[0]) if scored else "none: no case is scored"
    names = [*matched.extra, *(item.name for item in items)]
    raise DataError(
        f"{declared.name}: no map of any of the {len(scored)} cases in {folder}: expected for "
        f"example {expected}, found {named(names) or 'nothing'}",
        do=f"name the maps by case, or say how they are named: files = ... in {FILE_NAME}",
    )


def check_kinds(items: Sequence[Item], matched: Matched, names: CaseNames) -> None:
    """Refuse what is named as a case without another map is, but is of a kind that is not read.

    Raises:
        DataError: there is such a file; says why it is not read.
    """
    found = {which.case for which in matched.arrays}
    for item in items:
        suffix = suffix_of(item.name)
        if suffix in REFUSED and names.of_file(item.stem) not in {None, *found}:
            raise DataError(
                f"{item.path}: {suffix} is not read: {REFUSED[suffix]}",
                do=f"save the maps as {', '.join(FORMATS)}",
            )


def check_shapes(
    declared: Declared,
    matched: Matched,
    maps: Mapping[Which, StoredMap],
    sizes: Mapping[str, Size],
) -> None:
    """Refuse maps that cannot lie on their images as declared.

    Raises:
        DataError: there is one; says which, and what could be meant.
    """
    covering = declared.covering
    bad = {
        which: why
        for which, stored in maps.items()
        if (why := covering.misfit(stored.shape, sizes[which.case]))
    }
    if not bad:
        return
    first, why = next(iter(bad.items()))
    rest = f"; also {named([spoken(which) for which in bad][1:])}" if len(bad) > 1 else ""
    raise DataError(
        f"{len(bad)} of {len(maps)} maps of {declared.name} do not fit. "
        f"{matched.arrays[first].where}: {why}{rest}",
        do=covering.remedy(maps[first].shape, sizes[first.case]),
    )


def missing(name: str, wanted: Sequence[Which], maps: Mapping[Which, StoredMap]) -> Iterator[str]:
    """Tell how many maps are missing, and the first of them."""
    lost = [spoken(which) for which in wanted if which not in maps]
    if lost:
        notice = f"{name}: {len(lost)} of {len(wanted)} maps are missing, and count as the floor"
        yield with_names(notice, named(lost))


def nonfinite(
    name: str, wanted: Sequence[Which], arrays: Mapping[Which, StoredArray]
) -> Iterator[str]:
    """Tell of NaN and infinity where it costs little to look."""
    looked = [which for which in wanted if which in arrays and arrays[which].kind == "f"]
    if sum(arrays[which].shape[0] * arrays[which].shape[1] for which in looked) > CHEAP:
        return
    bad = [spoken(which) for which in looked if not np.isfinite(arrays[which].read()).all()]
    if bad:
        notice = f"{name}: {len(bad)} of {len(wanted)} maps hold NaN or infinity"
        yield with_names(f"{notice}, and count as the floor", named(bad))


def spoken(which: Which) -> str:
    """Return what a map is called in a message."""
    return f"{which.case} (seed {which.seed})" if which.seed else which.case
