"""Exchanged axes and other units are told from where fixations lie; honest gaze is let through."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.errors import DataError
from gazebench.gaze.whereabouts import LEAST, Whereabouts
from gazebench.spec.values import Box, Case, Ellipse, Fixations, LabelledBox, Reading, Size

FILM = Size(3056, 2544)


class Where(NamedTuple):
    x: np.ndarray
    y: np.ndarray


def looked(where: Where) -> Fixations:
    count = len(where.x)
    return Fixations(
        x=where.x, y=where.y, start_s=np.zeros(count), end_s=np.ones(count),
        sigma_x=np.full(count, 40.0), sigma_y=np.full(count, 40.0),
        shown=np.tile([0, 0, FILM.width, FILM.height], (count, 1)),
    )  # fmt: skip


def check(where: Where, size: Size = FILM) -> None:
    reading = Reading(id="r")
    whereabouts = Whereabouts()
    whereabouts.add(looked(where), case(size, reading), reading)
    whereabouts.check()


def case(size: Size, reading: Reading) -> Case:
    return Case(id="c", size=size, readings=(reading,), expected_readings=1)


def over(size: Size, count: int, seed: int, *, aside: float = 0.0) -> Where:
    """Look everywhere, and beside the image on every side with a probability of `aside`."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, size.width, count), rng.uniform(0, size.height, count)
    off, before = rng.random(count) < aside, rng.random(count) < 0.5
    return Where(np.where(off, np.where(before, -9.0, size.width + 9.0), x), y)


@given(
    seed=st.integers(0, 999),
    count=st.integers(LEAST, 400),
    aside=st.floats(0, 0.2),
    size=st.sampled_from([FILM, Size(2544, 3056), Size(600, 800), Size(512, 512)]),
)
def test_honest_gaze_passes_even_of_readers_who_look_aside(
    seed: int, count: int, aside: float, size: Size
) -> None:
    check(over(size, count, seed, aside=aside), size)


@given(
    seed=st.integers(0, 999),
    aside=st.floats(0, 0.01),
    size=st.sampled_from([FILM, Size(2544, 3056), Size(600, 800)]),
)
def test_exchanged_axes_are_told(seed: int, aside: float, size: Size) -> None:
    x, y = over(size, 2000, seed, aside=aside)

    with pytest.raises(DataError, match="x and y of the fixations look exchanged"):
        check(Where(y, x), size)


def test_parts_of_the_image_are_told() -> None:
    x, y = over(FILM, 100, 0)

    with pytest.raises(
        DataError, match=r"100\.0 % of the 100 fixations lie within the first pixel"
    ):
        check(Where(x / FILM.width, y / FILM.height))


def test_pixels_of_another_image_are_told() -> None:
    x, y = over(FILM, 100, 0)

    with pytest.raises(DataError, match="of the 100 fixations lie off their images"):
        check(Where(3 * x + 500, 3 * y + 500))


def test_a_handful_of_fixations_proves_nothing() -> None:
    check(Where(np.full(LEAST - 1, 0.5), np.full(LEAST - 1, 0.5)))


@pytest.mark.parametrize("marks", ["ellipses", "boxes"])
@pytest.mark.parametrize("is_exchanged", [False, True])
def test_readers_look_at_what_they_mark(marks: str, is_exchanged: bool) -> None:
    """Of a square image, where no fixation lies off it either way."""
    whereabouts, rng = Whereabouts(), np.random.default_rng(0)
    for _ in range(12):
        x, y = rng.uniform(0, 400), rng.uniform(0, 400)
        box = Box(x, y, x + 100, y + 100)
        mark = {"ellipses": (Ellipse(box, 5, ("Mass",)),), "boxes": (LabelledBox(box, ("Mass",)),)}
        reading = Reading(id="r", **{marks: mark[marks]})
        there, about = rng.uniform((x, y), (x + 100, y + 100), (9, 2)), rng.uniform(0, 500, (20, 2))
        where = Where(*np.concatenate([there, about]).T)
        fixations = looked(Where(where.y, where.x) if is_exchanged else where)
        whereabouts.add(fixations, case(Size(500, 500), reading), reading)

    if not is_exchanged:
        whereabouts.check()
        return
    with pytest.raises(DataError, match=r"\d\d\.\d percentage points more of them would lie on"):
        whereabouts.check()
