"""Chest boxes."""

from __future__ import annotations

import pytest

from gazebench.gaze.boxes import mean_chest_box, registration_box
from gazebench.spec.values import Box, Case, Reading, Size


def case_with(*boxes):
    readings = tuple(Reading(id=str(i), chest_box=box) for i, box in enumerate(boxes))
    return Case(id="c", size=Size(10, 20), readings=readings, expected_readings=len(boxes))


def test_mean_box_is_over_the_readings_that_have_one():
    case = case_with(Box(1, 2, 3, 4), None, Box(3, 4, 9, 8))

    assert mean_chest_box(case) == Box(2, 3, 6, 6)


def test_no_box_at_all_is_none():
    assert mean_chest_box(case_with(None, None)) is None


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(2, 3, 12, 9), Box(2, 3, 12, 9)),
        (Box(-3, -1, 25, 9), Box(0, 0, 20, 9)),
        (None, Box(0, 0, 20, 10)),
        (Box(30, 2, 40, 8), Box(0, 0, 20, 10)),
        (Box(5, 5, 5.5, 9), Box(0, 0, 20, 10)),
    ],
    ids=["inside", "clipped", "no box", "off the image", "thinner than a pixel"],
)
def test_registration_uses_the_box_within_the_image_or_the_image(box, expected):
    assert registration_box(case_with(box)) == expected
