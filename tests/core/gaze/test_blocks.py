"""Block means, of arrays and of maps that were never stretched."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.gaze.blocks import block_means
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap


def test_a_mean_is_over_its_own_block_only() -> None:
    """Uneven blocks: the first is the shorter one."""
    values = np.array([[1.0, 2.0, 4.0], [3.0, 6.0, 8.0]])

    assert block_means(values, (1, 2)).tolist() == [[2.0, 5.0]]


def test_as_many_blocks_as_pixels_change_nothing() -> None:
    """A block of one pixel is that pixel."""
    values = np.random.default_rng(0).random((5, 7))

    np.testing.assert_array_equal(block_means(values, (5, 7)), values)


@pytest.mark.parametrize("shape", [(1, 1), (4, 6), (13, 9)])
def test_a_coarse_map_has_the_means_of_its_stretched_self(shape: tuple[int, int]) -> None:
    """Made from the grid alone, and from the map in image pixels: the same."""
    grid = np.random.default_rng(1).random((5, 4)).astype(np.float32)
    over = Upsampling(AxisMap.resizing(40, 5), AxisMap.resizing(33, 4))

    expected = block_means(over.apply(grid).astype(np.float64), shape)

    np.testing.assert_allclose(over.block_means(grid, shape), expected, atol=1e-6)
