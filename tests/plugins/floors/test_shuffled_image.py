"""The gaze on another image as a floor."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from gazebench_plugins.floors.shuffled_image import shuffled_image


def test_floor_is_the_density_of_another_case():
    density = np.random.default_rng(0).random((4, 5))

    found = shuffled_image.function(SimpleNamespace(shuffled_density=lambda: density))

    np.testing.assert_array_equal(found, density)
    assert shuffled_image.needs == {"other_images"}, "which takes at least two images"
