from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazebench.publish.disclosure import unsafe_subsets
from gazebench.publish.record import FEWEST_IMAGES

ALL = frozenset(f"{n:02d}" for n in range(20))


def first(count: int) -> frozenset[str]:
    """Return so many of the images."""
    return frozenset(sorted(ALL)[:count])


@pytest.mark.parametrize(
    ("subsets", "unsafe"),
    [
        ({}, ()),
        ({"a": first(5)}, ()),
        ({"a": first(4)}, ("a",)),
        ({"a": first(0)}, ()),
        ({"most": first(16)}, ("most",)),  # what is left of all are 4
        ({"most": first(15)}, ()),
        ({"every": ALL}, ()),
        ({"half": first(10), "rest": ALL - first(10)}, ()),
        # Parts of all: two are enough for a third, too small to be published itself.
        ({"a": first(10), "b": ALL - first(13), "c": first(13) - first(10)}, ("b", "c")),
        ({"a": first(8), "b": first(10)}, ("a",)),  # nested, 2 apart
        ({"a": first(8), "b": first(8)}, ()),  # the same images
        # Overlapping, 2 and 2 apart: the difference rests on 4.
        ({"a": first(10), "b": first(12) - first(2)}, ("b",)),
        ({"elsewhere": frozenset({"x", "y"})}, ()),
    ],
)
def test_known_families(subsets: Mapping[str, frozenset[str]], unsafe: tuple[str, ...]) -> None:
    assert unsafe_subsets(subsets, ALL) == unsafe


def rests_on_few(kept: Mapping[str, frozenset[str]], images: frozenset[str]) -> bool:
    """Look at every few images: does a combination vanish everywhere else?"""
    order = sorted(images)
    rows = [[1.0] * len(order)] + [[float(i in m) for i in order] for m in kept.values()]
    matrix = np.array(rows)
    rank = np.linalg.matrix_rank(matrix)
    few = min(FEWEST_IMAGES - 1, len(order))
    return any(
        np.linalg.matrix_rank(np.delete(matrix, chosen, axis=1)) < rank
        for chosen in combinations(range(len(order)), few)
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sets(st.integers(0, 11), max_size=12), max_size=5))
def test_what_is_kept_rests_on_enough_images_and_nothing_is_dropped_without_need(
    members: list[set[int]],
) -> None:
    images = frozenset(str(n) for n in range(12))
    subsets = {f"s{n}": frozenset(map(str, chosen)) for n, chosen in enumerate(members)}

    unsafe = unsafe_subsets(subsets, images)

    kept = {name: chosen for name, chosen in subsets.items() if name not in unsafe}
    assert not rests_on_few(kept, images)
    assert not unsafe or rests_on_few(subsets, images)


def test_many_overlapping_findings_take_no_time() -> None:
    rng = np.random.default_rng(0)
    images = frozenset(map(str, range(300)))
    subsets = {
        f"finding {n}": frozenset(i for i in sorted(images) if rng.random() < share)
        for n, share in enumerate(rng.uniform(0.02, 0.4, 24))
    }

    unsafe = unsafe_subsets(subsets, images)

    assert all(len(subsets[name]) < 30 for name in unsafe)
