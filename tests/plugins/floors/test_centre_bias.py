"""The centre-bias floor."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from gazebench_plugins.floors.centre_bias import centre_bias


def test_floor_is_the_centre_bias_of_the_case():
    density = np.random.default_rng(0).random((4, 5))

    found = centre_bias.function(SimpleNamespace(centre_bias=lambda: density))

    np.testing.assert_array_equal(found, density)
    assert centre_bias.needs == {"centre_bias"}
