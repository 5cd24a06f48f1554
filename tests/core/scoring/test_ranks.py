"""The sort of the pixels and the mid-distribution function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from gazebench.gaze.resample import resize
from gazebench.scoring.ranks import mid_cdf, pixel_order
from gazebench.spec.values import Size

SUMS = 1e-12  # float64 sums of a few hundred terms


def by_definition(values, negatives):
    below = (negatives * (values[None, :] < values[:, None])).sum(axis=1)
    tied = (negatives * (values[None, :] == values[:, None])).sum(axis=1)
    return (below + tied / 2) / negatives.sum()


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_mid_cdf_equals_its_definition(data, size):
    values = data.draw(strategies.maps(size))
    negatives = data.draw(strategies.densities(size))

    order = pixel_order(values)

    flat = values.ravel()
    np.testing.assert_allclose(
        mid_cdf(order, negatives), by_definition(flat, negatives.ravel()), atol=SUMS
    )
    np.testing.assert_allclose(
        mid_cdf(order, None), by_definition(flat, np.ones(flat.size)), atol=SUMS
    )


def test_order_is_that_of_the_values_whatever_their_bits():
    tiny, huge = np.finfo(np.float32).smallest_subnormal, np.finfo(np.float32).max
    values = np.array([[huge, -tiny, 0.0, -huge, tiny, -1.0, 1.0, -1.5]], np.float32)

    indices = pixel_order(values) & np.uint64(0xFFFFFFFF)

    np.testing.assert_array_equal(indices, np.argsort(values.ravel()))


def test_both_zeros_are_tied():
    cdf = mid_cdf(pixel_order(np.array([[-0.0, 0.0, -0.0, 1.0]], np.float32)), None)

    assert cdf.tolist() == [0.375, 0.375, 0.375, 0.875]


def test_uniform_negatives_equal_a_uniform_density():
    values = np.random.default_rng(0).integers(0, 9, (7, 5)).astype(np.float32)
    order = pixel_order(values)

    np.testing.assert_allclose(mid_cdf(order, None), mid_cdf(order, np.ones((7, 5))), atol=SUMS)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1)])
def test_constant_map_is_half_everywhere(shape):
    order = pixel_order(np.full(shape, -3.5, np.float32))

    assert (mid_cdf(order, None) == 0.5).all()
    assert (mid_cdf(order, np.random.default_rng(0).random(shape)) == 0.5).all()


def test_views_are_sorted_as_they_look():
    values = resize(np.random.default_rng(0).random((3, 4)).astype(np.float32), Size(9, 8))

    np.testing.assert_array_equal(pixel_order(values.T), pixel_order(values.T.copy()))
