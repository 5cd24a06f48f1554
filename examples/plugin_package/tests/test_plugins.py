"""What the two plugins mean, without running GazeBench."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from gazebench_example.captured import captured
from gazebench_example.edges import edges


def test_edges_are_where_the_image_changes() -> None:
    """A step between two flat halves is strongest at the step, and flat parts get nothing."""
    image = np.zeros((40, 60), np.float32)
    image[:, 30:] = 1

    strength = edges.function(image, sigma=2.0)

    assert set(strength.argmax(axis=1)) <= {29, 30}
    assert strength[:, :15].max() < 1e-6


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.arange(20.0).reshape(4, 5), 0.75),  # all four of the highest pixels, 3 of 4 gazed at
        (-np.arange(20.0).reshape(4, 5), 0.0),
        (np.ones((4, 5)), 0.2),
    ],
)
def test_captured_gaze_is_the_density_on_the_highest_fifth(
    values: np.ndarray, expected: float
) -> None:
    """Counted by hand on 20 pixels; a constant map gets what chance gives."""
    reference = np.zeros((4, 5))
    reference[3, 2:] = 0.25
    reference[2, 2] = 0.25
    target = SimpleNamespace(references=reference[None])

    assert captured.function(SimpleNamespace(values=values), target) == pytest.approx([expected])
