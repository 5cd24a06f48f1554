"""Separable densities beside one bivariate normal per fixation and pixel.

Run with `pytest tests/benchmarks --benchmark-only`; read the ratios, not the seconds.
"""

from __future__ import annotations

import numpy as np
import pytest

import oracles
from gazebench.gaze.density import fixation_density
from gazebench.spec.values import Fixations, Size

SIZE = Size(1272, 1528)  # half of a radiograph a side: the slow way takes seconds, not minutes


@pytest.fixture(scope="module")
def fixations():
    rng, count = np.random.default_rng(0), 30
    return Fixations(
        x=rng.uniform(0, SIZE.width, count),
        y=rng.uniform(0, SIZE.height, count),
        start_s=np.zeros(count),
        end_s=rng.uniform(0.1, 1.0, count),
        sigma_x=rng.uniform(30, 50, count),
        sigma_y=rng.uniform(30, 50, count),
        shown=np.tile([0, 0, SIZE.width, SIZE.height], (count, 1)),
    )


@pytest.mark.benchmark(group="density")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_separable_product(benchmark, fixations, dtype):
    found = benchmark(fixation_density, fixations, SIZE, dtype=dtype)

    assert found.sum(dtype=np.float64) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.benchmark(group="density")
def test_normal_density_of_every_pixel(benchmark, fixations):
    heatmap = benchmark.pedantic(oracles.heatmap, (fixations, SIZE), rounds=1)

    fast = fixation_density(fixations, SIZE)
    assert np.abs(fast - heatmap / heatmap.sum()).max() <= 1e-10 * fast.max()
