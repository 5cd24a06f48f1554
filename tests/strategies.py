"""What property tests draw from: gaze, densities and maps, awkward ones included."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from gazebench.spec.values import Box, Case, Fixations, Reading, Size

# The first example compiles a kernel; a deadline would judge the compiler.
unhurried = settings(deadline=None, max_examples=60)

sizes = st.builds(Size, st.integers(1, 24), st.integers(1, 24))


@st.composite
def fixations(
    draw: st.DrawFn, size: Size, *, least: int = 0, most: int = 6, least_sigma: float = 2.0
) -> Fixations:
    """Draw fixations on and off an image, some of them on a cut part of it."""
    count = draw(st.integers(least, most))

    def numbers(low: float, high: float) -> NDArray[np.float64]:
        values = st.floats(low, high, allow_subnormal=False)
        return np.array(draw(st.lists(values, min_size=count, max_size=count)), np.float64)

    start = numbers(0.0, 100.0)
    return Fixations(
        x=numbers(-10.0, size.width + 10.0),
        y=numbers(-10.0, size.height + 10.0),
        start_s=start,
        end_s=start + numbers(0.01, 3.0),
        sigma_x=numbers(least_sigma, 15.0),
        sigma_y=numbers(least_sigma, 15.0),
        shown=np.array([draw(shown(size)) for _ in range(count)], np.int64).reshape(-1, 4),
    )


@st.composite
def shown(draw: st.DrawFn, size: Size) -> tuple[int, int, int, int]:
    """Draw the part of an image on the screen: all of it, or a cut rectangle."""
    if draw(st.booleans()):
        return 0, 0, size.width, size.height
    xmin, ymin = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    xmax = draw(st.integers(xmin + 1, size.width))
    ymax = draw(st.integers(ymin + 1, size.height))
    return xmin, ymin, xmax, ymax


def maps(size: Size) -> st.SearchStrategy[NDArray[np.float32]]:
    """Draw maps: few levels (ties, both zeros), any finite float32, constant, binary."""
    levels = st.sampled_from([-2.0, -0.0, 0.0, 1.0, 1.5])
    anything = st.floats(width=32, allow_nan=False, allow_infinity=False)
    return st.one_of(
        hnp.arrays(np.float32, tuple(size), elements=levels),
        hnp.arrays(np.float32, tuple(size), elements=anything),
        hnp.arrays(np.float32, tuple(size), elements=st.sampled_from([0.0, 1.0])),
        anything.map(lambda value: np.full(size, value, np.float32)),
    )


@st.composite
def densities(draw: st.DrawFn, size: Size) -> NDArray[np.float64]:
    """Draw a density [H, W]: non-negative with zeros, summing to 1."""
    weights = draw(hnp.arrays(np.float64, tuple(size), elements=st.integers(0, 5)))
    weights[draw(st.integers(0, size.height - 1)), draw(st.integers(0, size.width - 1))] += 1.0
    return weights / weights.sum()


@st.composite
def cases(draw: st.DrawFn, name: str) -> Case:
    """Draw a case of one to three readings with chest boxes that may exceed the image, or none."""
    size = draw(st.builds(Size, st.integers(12, 20), st.integers(12, 20)))
    has_box = draw(st.booleans())
    readings = tuple(
        Reading(id=f"{name}{index}", chest_box=draw(chest_boxes(size)) if has_box else None)
        for index in range(draw(st.integers(1, 3)))
    )
    return Case(id=name, size=size, readings=readings, expected_readings=len(readings))


@st.composite
def chest_boxes(draw: st.DrawFn, size: Size) -> Box:
    """Draw a box of at least a third of the image, up to two pixels beyond it."""
    xmin, ymin = draw(st.floats(-2.0, 4.0)), draw(st.floats(-2.0, 4.0))
    return Box(
        xmin,
        ymin,
        draw(st.floats(size.width * 0.7, size.width + 2.0)),
        draw(st.floats(size.height * 0.7, size.height + 2.0)),
    )
