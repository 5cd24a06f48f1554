"""A separable density beside one bivariate normal per fixation and pixel, at native size."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import oracles
from gazebench.gaze.density import fixation_density
from native_case import NATIVE, some_fixations

GROUP = "fixation density, 60 fixations"


@pytest.fixture(scope="module")
def fixations():
    return some_fixations(60, 0)


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_separable_product(benchmark, fixations, dtype):
    with threadpool_limits(limits=1, user_api="blas"):  # as in a run
        found = benchmark(fixation_density, fixations, NATIVE, dtype=dtype)

    assert found.sum(dtype=np.float64) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.benchmark(group=GROUP)
def test_normal_density_of_every_pixel(benchmark, fixations):
    benchmark.extra_info["beside"] = "scipy multivariate_normal per fixation and pixel"

    heatmap = benchmark.pedantic(oracles.heatmap, (fixations, NATIVE), rounds=1)

    fast = fixation_density(fixations, NATIVE)
    assert np.abs(fast - heatmap / heatmap.sum()).max() <= 1e-10 * fast.max()
