"""Bilinear resampling against torch and a pixel-by-pixel formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import oracles
import strategies
from gazebench.gaze.resample import AxisMap, resample, resize
from gazebench.spec.values import Size

unit = st.floats(0.0, 1.0, width=32)


@strategies.unhurried
@given(st.data(), strategies.sizes, strategies.sizes)
def test_resize_equals_the_formula(data, source, target):
    array = data.draw(hnp.arrays(np.float64, tuple(source), elements=unit))

    np.testing.assert_allclose(
        resize(array, target), oracles.interpolate(array, *target), atol=1e-14
    )


@pytest.mark.parametrize(("dtype", "close"), [(np.float64, 1e-12), (np.float32, 2e-5)])
@pytest.mark.parametrize("target", [(61, 53), (5, 9), (17, 13), (1, 1), (100, 3)])
def test_resize_equals_torch(target, dtype, close):
    """torch computes positions in float32 for float32 arrays, hence the wider margin."""
    torch = pytest.importorskip("torch")
    array = np.random.default_rng(0).random((17, 13)).astype(dtype)

    expected = torch.nn.functional.interpolate(
        torch.from_numpy(array)[None, None], target, mode="bilinear", align_corners=False
    )

    found = resize(array, Size(*target))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected[0, 0].numpy(), atol=close)


@strategies.unhurried
@given(st.data(), strategies.sizes, strategies.sizes)
def test_constant_stays_exactly_constant_and_values_stay_within_range(data, source, target):
    value = data.draw(unit)
    array = data.draw(hnp.arrays(np.float32, tuple(source), elements=unit))

    assert (resize(np.full(source, value, np.float32), target) == np.float32(value)).all()
    found = resize(array, target)
    assert array.min() - 1e-6 <= found.min()
    assert found.max() <= array.max() + 1e-6


def test_same_size_is_a_copy():
    array = np.random.default_rng(0).random((4, 5))

    found = resize(array, Size(4, 5))

    np.testing.assert_array_equal(found, array)
    assert not np.shares_memory(found, array)


def test_any_view_of_an_array_may_be_resampled():
    array = np.random.default_rng(0).random((8, 6))

    np.testing.assert_array_equal(
        resize(array.T[::-1], Size(5, 7)), resize(array.T[::-1].copy(), Size(5, 7))
    )


def test_crop_and_flip_of_positions_follow_scale_and_offset():
    ramp = np.arange(10.0)[None]
    row = AxisMap.resizing(1, 1)

    cropped = resample(ramp, row, AxisMap.linear(3, 10, scale=1.0, offset=4.0))
    flipped = resample(ramp, row, AxisMap.linear(10, 10, scale=-1.0, offset=10.0))

    assert cropped.tolist() == [[4.0, 5.0, 6.0]]
    assert flipped.tolist() == ramp[:, ::-1].tolist()


def test_rows_in_any_order_are_interpolated_alike():
    """Rows are cached; a map that runs backwards must not meet stale ones."""
    array = np.random.default_rng(0).random((9, 4))
    columns = AxisMap.resizing(4, 4)

    forth = resample(array, AxisMap.linear(20, 9, scale=0.45), columns)
    back = resample(array, AxisMap.linear(20, 9, scale=-0.45, offset=9.0), columns)

    np.testing.assert_allclose(back, forth[::-1], atol=1e-14)


def test_outside_repeats_the_edge_or_holds_the_fill():
    array = np.array([[1.0, 2.0]])
    row, columns = AxisMap.resizing(1, 1), AxisMap.linear(4, 2, scale=1.0, offset=-1.0)

    assert columns.inside.tolist() == [False, True, True, False]
    assert resample(array, row, columns).tolist() == [[1.0, 1.0, 2.0, 2.0]]
    assert resample(array, row, columns, fill=0.0).tolist() == [[0.0, 1.0, 2.0, 0.0]]


def test_half_precision_is_widened():
    assert resize(np.ones((2, 2), np.float16), Size(3, 3)).dtype == np.float32


@strategies.unhurried
@given(st.data(), st.integers(1, 20), st.integers(1, 20))
def test_adjoint_is_the_transpose(data, n_out, n_in):
    axis = AxisMap.linear(n_out, n_in, scale=data.draw(st.floats(0.1, 3.0)), offset=-1.5)
    source = data.draw(hnp.arrays(np.float64, n_in, elements=unit))
    output = data.draw(hnp.arrays(np.float64, n_out, elements=unit))

    forward = resample(source[None], AxisMap.resizing(1, 1), axis)[0] @ output

    assert forward == pytest.approx(source @ axis.adjoint(output), abs=1e-12)
