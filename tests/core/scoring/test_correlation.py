"""Normalised cross-correlation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import oracles
import strategies
from gazebench.scoring.correlation import moments_of
from gazebench.scoring.scored_map import ScoredMap

SUMS = 1e-9  # float64 sums, near-constant maps included


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_ncc_equals_the_definition(data, size):
    values = data.draw(strategies.maps(size)).astype(np.float64)
    densities = np.stack([data.draw(strategies.densities(size)) for _ in range(3)])
    assume(values.std() > 1e-3 * np.abs(values).max() > 0)
    assume(all(density.std() > 0 for density in densities))
    scaled = values / np.abs(values).max()

    found = ScoredMap(values).ncc(densities)

    expected = [oracles.ncc(scaled.astype(np.float32), density) for density in densities]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_ncc_equals_numpy_to_float64_rounding():
    rng = np.random.default_rng(0)
    values = rng.random((90, 70)).astype(np.float32)
    densities = rng.random((4, 90, 70))

    expected = [np.corrcoef(values.ravel().astype(float), d.ravel())[0, 1] for d in densities]

    np.testing.assert_allclose(ScoredMap(values).ncc(densities), expected, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_contrast_on_a_large_offset_survives(dtype):
    """A mean of 1,000 with deviations of 0.06: float32 sums of squares would lose them."""
    rng = np.random.default_rng(0)
    values = (1000 + rng.integers(0, 4, (300, 200)) / 16).astype(np.float32)
    density = (values - 999 + rng.random((300, 200))).astype(dtype)

    expected = oracles.ncc(values.astype(np.float64), density.astype(np.float64))

    assert ScoredMap(values).ncc(density[None])[0] == pytest.approx(expected, abs=1e-11)


def test_scale_and_offset_change_nothing_and_sign_flips():
    rng = np.random.default_rng(0)
    values, densities = rng.random((20, 30)).astype(np.float32), rng.random((2, 20, 30))

    before = ScoredMap(values).ncc(densities)

    np.testing.assert_allclose(ScoredMap(values * 8 + 2).ncc(densities), before, atol=1e-6)
    np.testing.assert_array_equal(ScoredMap(-values).ncc(densities), -before)
    np.testing.assert_array_equal(ScoredMap(values).ncc(densities[::-1]), before[::-1])
    np.testing.assert_allclose(ScoredMap(values[::-1]).ncc(densities[:, ::-1]), before, atol=SUMS)


def test_map_correlates_fully_with_itself():
    values = np.random.default_rng(0).random((40, 30)).astype(np.float32)

    assert ScoredMap(values).ncc(values[None])[0] == pytest.approx(1.0, abs=1e-14)
    assert ScoredMap(values).ncc(-values[None])[0] == pytest.approx(-1.0, abs=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (6, 7)])
@pytest.mark.parametrize("value", [0.0, 0.1, -3e38, 1e-44])
def test_constant_map_or_density_has_no_correlation(shape, value):
    constant = np.full(shape, value, np.float32)
    ramp = np.arange(constant.size, dtype=np.float64).reshape(shape)

    assert ScoredMap(constant).is_constant
    assert np.isnan(ScoredMap(constant).ncc(ramp[None])).all()
    assert np.isnan(ScoredMap(ramp).ncc(constant[None])).all()


def test_readings_without_variation_do_not_spoil_the_others():
    values = np.array([[0.0, 1.0, 2.0]])

    found = ScoredMap(values).ncc(np.array([[[1.0, 1.0, 1.0]], [[0.0, 1.0, 2.0]]]))

    assert np.isnan(found[0])
    assert found[1] == pytest.approx(1.0)


def test_one_different_pixel_is_not_constant():
    values = np.zeros((50, 40), np.float32)
    values[0, 0] = np.finfo(np.float32).smallest_subnormal

    assert moments_of(values).squares > 0.0
    assert not ScoredMap(values).is_constant
