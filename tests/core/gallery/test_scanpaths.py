"""Fixations as circles: in time order, in place, larger where the eyes stayed longer."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.gallery.paint import Canvas
from gazebench.gallery.scanpaths import LARGEST, SMALLEST, stops
from gazebench.spec.values import Fixations, Size


def fixations(*rows: tuple[float, float, float, float]) -> Fixations:
    """Return fixations (x, y, start, end)."""
    x, y, start, end = (np.array([row[i] for row in rows], np.float64) for i in range(4))
    ones = np.ones(len(rows))
    shown = np.tile([0, 0, 100, 100], (len(rows), 1))
    return Fixations(x=x, y=y, start_s=start, end_s=end, sigma_x=ones, sigma_y=ones, shown=shown)


def test_stops_have_times_from_the_first_and_areas_by_duration() -> None:
    """Four times as long is twice the radius."""
    first, second = stops(
        fixations((10, 20, 5.0, 5.4), (30, 40, 6.0, 6.1)), Canvas.of(Size(100, 100))
    )

    assert (first.number, first.start_s, first.duration_s) == (1, 0.0, 0.4)
    assert (second.number, second.start_s) == (2, 1.0)
    assert first.radius == LARGEST
    assert second.radius == pytest.approx(LARGEST / 2)
    assert (first.x, first.y) == (10.0, 20.0)


def test_a_fixation_of_no_duration_can_be_seen() -> None:
    """The smallest circle."""
    (only,) = stops(fixations((1, 1, 0.0, 0.0)), Canvas.of(Size(10, 10)))

    assert only.radius == SMALLEST


def test_no_fixations_are_no_stops() -> None:
    """Nothing is drawn."""
    assert stops(fixations(), Canvas.of(Size(10, 10))) == ()
