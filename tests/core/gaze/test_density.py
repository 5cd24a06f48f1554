"""Fixation densities against scipy's bivariate normal, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracles
import strategies
from gazebench.errors import DataError
from gazebench.gaze.density import NoDensityError, fixation_density, gaze_heatmap
from gazebench.spec.values import Fixations, Size

OF_THE_PEAK = 1e-10  # what the protocol's float64 promises; 1e-14 is what is seen


def make(x, y, *, sigma=(4.0, 4.0), seconds=1.0, shown=(0, 0, 30, 20)):
    return Fixations(
        x=np.array([x], float),
        y=np.array([y], float),
        start_s=np.array([1.0]),
        end_s=np.array([1.0 + seconds]),
        sigma_x=np.array([sigma[0]]),
        sigma_y=np.array([sigma[1]]),
        shown=np.array([shown]),
    )


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_heatmap_equals_the_normal_density_of_every_pixel(data, size):
    fixations = data.draw(strategies.fixations(size))

    found, expected = gaze_heatmap(fixations, size), oracles.heatmap(fixations, size)

    assert np.abs(found - expected).max() <= OF_THE_PEAK * expected.max()


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_density_is_the_heatmap_over_its_sum(data, size):
    fixations = data.draw(strategies.fixations(size, least=1))
    heatmap = oracles.heatmap(fixations, size)

    found = fixation_density(fixations, size)

    expected = heatmap / heatmap.sum()
    assert np.abs(found - expected).max() <= OF_THE_PEAK * expected.max()
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_float32_is_the_rounded_float64(data, size):
    fixations = data.draw(strategies.fixations(size, least=1))

    found = fixation_density(fixations, size, dtype=np.float32)

    expected = fixation_density(fixations, size)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1.2e-7, atol=np.finfo(np.float32).tiny)


def test_float32_is_right_beyond_one_block_of_rows():
    fixations = make(3.0, 400.0, sigma=(5.0, 150.0), shown=(0, 0, 7, 700))

    found = fixation_density(fixations, Size(700, 7), dtype=np.float32)

    np.testing.assert_allclose(found, fixation_density(fixations, Size(700, 7)), rtol=1e-6)


def test_x_runs_along_the_columns_and_sigma_follows_its_axis():
    density = fixation_density(make(21.0, 5.0, sigma=(6.0, 2.0)), Size(20, 30))

    assert np.unravel_index(density.argmax(), density.shape) == (5, 21)
    assert density[5, 21 - 6] / density[5, 21] == pytest.approx(np.exp(-0.5))
    assert density[5 + 2, 21] / density[5, 21] == pytest.approx(np.exp(-0.5))


def test_shown_rectangle_excludes_its_end_and_the_rest_is_lost():
    whole = gaze_heatmap(make(10.0, 10.0), Size(20, 30))

    cut = gaze_heatmap(make(10.0, 10.0, shown=(5, 8, 12, 11)), Size(20, 30))

    expected = np.zeros((20, 30))
    expected[8:11, 5:12] = whole[8:11, 5:12]
    np.testing.assert_array_equal(cut, expected)


def test_duration_weighs_linearly():
    short, long = (gaze_heatmap(make(9.0, 9.0, seconds=s), Size(20, 30)) for s in (0.5, 1.5))

    np.testing.assert_allclose(long, 3 * short, rtol=1e-14)


@pytest.mark.parametrize(
    "fixations",
    [
        make(5000.0, 10.0),
        make(10.0, 10.0, seconds=0.0),
        make(10.0, 10.0, shown=(8, 8, 8, 12)),
        make(10.0, 10.0, shown=(40, 0, 50, 20)),
    ],
    ids=["far off the image", "no duration", "nothing shown", "another part shown"],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_reading_without_gaze_on_the_image_has_no_density(fixations, dtype):
    with pytest.raises(NoDensityError, match="sums to zero") as caught:
        fixation_density(fixations, Size(20, 30), dtype=dtype)

    assert isinstance(caught.value, DataError)
    assert gaze_heatmap(fixations, Size(20, 30), dtype=dtype).max() == 0.0


def test_reading_without_fixations_has_no_density():
    nothing = np.empty(0)
    none = Fixations(
        x=nothing,
        y=nothing,
        start_s=nothing,
        end_s=nothing,
        sigma_x=nothing,
        sigma_y=nothing,
        shown=np.empty((0, 4), np.int64),
    )

    with pytest.raises(NoDensityError, match="none of the 0 fixations"):
        fixation_density(none, Size(4, 4))


def test_gaze_just_off_the_image_keeps_its_density_in_float32():
    """17 sigma away the heatmap is below float32's range, its shape is not."""
    fixations = make(-85.0, 10.0, sigma=(5.0, 5.0))

    found = fixation_density(fixations, Size(20, 30), dtype=np.float32)

    np.testing.assert_allclose(found.sum(dtype=np.float64), 1.0, rtol=1e-6)
    np.testing.assert_allclose(
        found[10, :3], fixation_density(fixations, Size(20, 30))[10, :3], rtol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bytes_do_not_depend_on_the_number_of_threads(dtype):
    """Odd sizes: the last tiles of a matrix product are where libraries differ with threads."""
    threadpoolctl = pytest.importorskip("threadpoolctl")
    rng, count, size = np.random.default_rng(0), 37, Size(997, 1013)
    fixations = Fixations(
        x=rng.uniform(0, size.width, count),
        y=rng.uniform(0, size.height, count),
        start_s=np.zeros(count),
        end_s=rng.uniform(0.1, 1.0, count),
        sigma_x=rng.uniform(30, 60, count),
        sigma_y=rng.uniform(30, 60, count),
        shown=np.tile([0, 0, size.width, size.height], (count, 1)),
    )

    found = []
    for threads in (1, 2, 3):
        with threadpoolctl.threadpool_limits(threads):
            found.append(fixation_density(fixations, size, dtype=dtype).tobytes())

    assert found[0] == found[1] == found[2]
