"""Which parts of the images are compared with which: subsets, their rests, and all pairs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.contrast_values import Test

FEWEST = 5  # images, or patients, in each part of a contrast that is tested


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Subsets and the rests of them.

    Attributes:
        subsets: name -> cases, none of them empty.
        rest: subset -> the name of the part that holds all other images; a subset of that name
            where one holds just these. A subset of all images has none.
        cases: name -> cases, of the subsets and of the rests that are no subset.
    """

    subsets: Mapping[str, frozenset[str]]
    rest: Mapping[str, str]
    cases: Mapping[str, frozenset[str]]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield what is compared: each subset with its rest, then all pairs, nothing twice."""
        seen: set[frozenset[frozenset[str]]] = set()
        for pair in (*self.rest.items(), *combinations(self.subsets, 2)):
            both = frozenset(self.cases[name] for name in pair)
            if both not in seen:
                seen.add(both)
                yield pair


def parts_of(subsets: Mapping[str, Collection[str]], scored: Sequence[str]) -> Parts:
    """Return the parts of the scored cases; subsets without any are left out."""
    everything = frozenset(scored)
    found = {name: everything.intersection(cases) for name, cases in subsets.items()}
    found = {name: cases for name, cases in found.items() if cases}
    by_cases = {cases: name for name, cases in reversed(found.items())}
    rest: dict[str, str] = {}
    extra: dict[str, frozenset[str]] = {}
    for name, cases in found.items():
        others = everything - cases
        if others:
            rest[name] = by_cases.setdefault(others, _unused(f"rest of {name}", {**found, **extra}))
            extra.setdefault(rest[name], others)
    return Parts(subsets=found, rest=rest, cases={**extra, **found})


def which_test(
    first: NDArray[np.bool_], second: NDArray[np.bool_], clusters: NDArray[np.intp]
) -> tuple[Test, str]:
    """Return the test of two parts, [cases] each, and why they cannot be tested ("" if they can).

    Parts whose images differ but share patients overlap.
    """
    shared = np.intersect1d(clusters[first], clusters[second])
    if not len(shared):
        return Test.UNPAIRED, ""
    differing = len(np.unique(clusters[first ^ second]))
    if not differing:
        return Test.OVERLAPPING, "both hold the same images"
    if differing < FEWEST:
        return Test.OVERLAPPING, f"too few images: the two differ in {differing}"
    return Test.OVERLAPPING, ""


def _unused(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "'"
    return name
