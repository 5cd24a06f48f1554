"""Which subsets may be published together, so that no few images can be told from their means.

A mean and the number of images behind it give a sum; sums over several subsets can be added and
subtracted: all images without a subset's, the parts of a partition from the whole, two subsets
that differ in an image. What can be derived from the published sums is every linear combination of
them. A family of subsets is safe when no combination rests on fewer than `FEWEST_IMAGES` images
(and on one at least); each subset by itself is such a combination.

The check is exact. Images in the same subsets form an atom; a combination is a vector over atoms
in the row space of the membership matrix M, and its support is a union of atoms. With P the
orthogonal projection onto that space, a vector supported by the atoms T exists exactly when the
block P[T, T] has the eigenvalue 1. Its trace is at least 1 then, and T holds at most
`FEWEST_IMAGES` - 1 atoms, which leaves few T to look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from gazebench.publish.record import FEWEST_IMAGES

EXACT = 1e-7  # of eigenvalues in [0, 1], from float64 singular vectors of a matrix of 0 and 1
BLOCK = 4096  # eigenvalue problems at a time


def small_subsets(subsets: Mapping[str, frozenset[str]], images: frozenset[str]) -> tuple[str, ...]:
    """Return the subsets of fewer than `FEWEST_IMAGES` of the images, but of one at least."""
    return tuple(n for n, members in subsets.items() if 0 < len(members & images) < FEWEST_IMAGES)


def unsafe_subsets(
    subsets: Mapping[str, frozenset[str]], images: frozenset[str]
) -> tuple[str, ...]:
    """Return the subsets that must not be published beside the mean over all `images`.

    Subsets of fewer than `FEWEST_IMAGES` images go first; of every combination that still rests on
    fewer, the smallest subset in it goes, and of equally small ones the last in alphabetical order.
    Subsets without an image give nothing away. The order is that of `subsets`.

    >>> every = frozenset("abcdefghijklmnop")
    >>> unsafe_subsets({"most": every - {"a", "b"}, "half": frozenset("abcdefgh")}, every)
    ('most',)
    """
    kept = {name: members & images for name, members in subsets.items()}
    kept = {name: members for name, members in kept.items() if members}
    unsafe = set(small_subsets(kept, images))
    kept = {name: members for name, members in kept.items() if name not in unsafe}
    while kept:
        blamed = _behind_a_leak(kept, images)
        if not blamed:
            break
        worst = max(blamed, key=lambda name: (-len(kept[name]), name))
        unsafe.add(worst)
        del kept[worst]
    return tuple(name for name in subsets if name in unsafe)


def _behind_a_leak(kept: Mapping[str, frozenset[str]], images: frozenset[str]) -> list[str]:
    """Return the subsets in one combination that rests on too few images, or none."""
    names = list(kept)
    columns: dict[tuple[bool, ...], int] = {}
    for image in sorted(images):
        column = (True, *(image in kept[name] for name in names))
        columns[column] = columns.get(column, 0) + 1
    members = np.array(list(columns), np.float64).T  # [1 + subsets, atoms]; the first row is "all"
    sizes = np.array(list(columns.values()))
    support = _small_support(members, sizes)
    if support is None:
        return []
    # The combination: one that vanishes on every other atom.
    elsewhere = np.delete(members, support, axis=1)
    _, singular, rows = np.linalg.svd(elsewhere.T, full_matrices=True)
    null = rows[int((singular > EXACT).sum()) :]
    weights = null[np.abs(null @ members[:, support]).sum(axis=1).argmax()]
    return [name for name, weight in zip(names, weights[1:], strict=True) if abs(weight) > EXACT]


def _small_support(members: NDArray[np.float64], sizes: NDArray[np.int64]) -> Sequence[int] | None:
    """Return atoms, of fewer than `FEWEST_IMAGES` images in all, that support a combination."""
    _, singular, rows = np.linalg.svd(members, full_matrices=False)
    space = rows[singular > EXACT * singular[0]]
    projection = space.T @ space
    for atoms in range(1, FEWEST_IMAGES):
        candidates = _candidates(projection.diagonal(), sizes, atoms)
        while block := list(islice(candidates, BLOCK)):
            chosen = np.array(block)
            largest = np.linalg.eigvalsh(projection[chosen[:, :, None], chosen[:, None, :]])[:, -1]
            if (found := largest > 1 - EXACT).any():
                return block[int(found.argmax())]
    return None


def _candidates(
    leverages: NDArray[np.float64], sizes: NDArray[np.int64], atoms: int
) -> Iterator[tuple[int, ...]]:
    """Give the sets of so many atoms that are small enough and may support a combination."""
    small = [int(i) for i in np.argsort(-leverages, kind="stable") if sizes[i] < FEWEST_IMAGES]
    weights = [(float(leverages[i]), int(sizes[i])) for i in small]

    def grow(
        chosen: tuple[int, ...], start: int, missing: float, room: int
    ) -> Iterator[tuple[int, ...]]:
        left = atoms - len(chosen)
        if not left:
            yield tuple(small[place] for place in chosen)
            return
        for place in range(start, len(small)):
            leverage, size = weights[place]
            if leverage * left < missing:  # and all that follow are smaller still
                return
            if size <= room:
                yield from grow((*chosen, place), place + 1, missing - leverage, room - size)

    return grow((), 0, 1 - EXACT, FEWEST_IMAGES - 1)
