"""Leave-one-out references."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.gaze.reference import leave_one_out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("readings", [2, 3, 5])
def test_reference_is_the_mean_of_the_others(readings, dtype):
    densities = np.random.default_rng(0).random((readings, 3, 4)).astype(dtype)

    found = leave_one_out(densities)

    expected = [np.delete(densities, r, axis=0).mean(axis=0) for r in range(readings)]
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)
    assert found.dtype == dtype


def test_single_reading_is_its_own_reference():
    density = np.array([[[0.25, 0.75]]])

    found = leave_one_out(density)

    np.testing.assert_array_equal(found, density)
    assert not np.shares_memory(found, density)


def test_small_values_beside_a_large_own_one_survive():
    """Total minus own would lose 1e-12 next to 1 in float32."""
    densities = np.array([[[1.0]], [[1e-12]], [[3e-12]]], np.float32)

    assert leave_one_out(densities)[0, 0, 0] == pytest.approx(2e-12, rel=1e-6)


def test_input_is_left_alone():
    densities = np.random.default_rng(1).random((4, 2, 2))
    before = densities.copy()

    leave_one_out(densities)

    np.testing.assert_array_equal(densities, before)
