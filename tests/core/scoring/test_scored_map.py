"""Maps of any type, scored in float32."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.scoring.scored_map import ScoredMap


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_nan_and_infinity_are_refused(bad, dtype):
    values = np.zeros((3, 4), dtype)
    values[1, 2] = bad

    with pytest.raises(ValueError, match="NaN or infinity"):
        ScoredMap(values)


def test_both_infinities_do_not_cancel():
    with pytest.raises(ValueError, match="NaN or infinity"):
        ScoredMap(np.array([[np.inf, -np.inf]], np.float32))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float64])
def test_any_real_type_scores_like_float32(dtype):
    values = np.array([[0, 1, 1], [0, 1, 0]])
    density = np.array([[[0.1, 0.2, 0.3], [0.2, 0.1, 0.1]]])

    found, expected = (ScoredMap(values.astype(t)) for t in (dtype, np.float32))

    np.testing.assert_array_equal(found.ncc(density), expected.ncc(density))
    np.testing.assert_array_equal(found.ranks(None).auc(density), expected.ranks(None).auc(density))


@pytest.mark.parametrize("scale", [1e-300, 1e-60, 1e60, 1e300])
def test_scales_beyond_float32_are_not_lost(scale):
    values = np.random.default_rng(0).random((5, 6))
    density = np.random.default_rng(1).random((1, 5, 6))

    found = ScoredMap(values * scale)

    assert not found.is_constant
    assert found.ncc(density)[0] == pytest.approx(ScoredMap(values).ncc(density)[0], abs=1e-6)
    assert found.ranks(None).auc(density) == pytest.approx(
        ScoredMap(values).ranks(None).auc(density)
    )


def test_values_that_differ_beyond_float32_are_tied():
    density = np.array([[[0.0, 1.0]]])

    assert ScoredMap(np.array([[1.0, 1.0 + 1e-12]])).ranks(None).auc(density)[0] == 0.5
    assert ScoredMap(np.array([[1.0, 1.0 + 1e-6]])).ranks(None).auc(density)[0] == 0.75


def test_the_pixels_are_sorted_once(monkeypatch):
    from gazebench.scoring import scored_map

    calls = []
    real = scored_map.pixel_order
    monkeypatch.setattr(scored_map, "pixel_order", lambda v: calls.append(1) or real(v))
    scored = ScoredMap(np.random.default_rng(0).random((4, 4)))

    scored.ncc(np.ones((1, 4, 4)))
    assert calls == []
    scored.ranks(None)
    scored.ranks(np.ones((4, 4)))
    assert calls == [1]


def test_scoring_leaves_the_map_alone():
    values = np.random.default_rng(0).random((4, 4)).astype(np.float32)
    before = values.copy()

    scored = ScoredMap(values)
    scored.ranks(None)
    scored.ncc(np.ones((1, 4, 4)))

    np.testing.assert_array_equal(values, before)
    np.testing.assert_array_equal(scored.values, before)
