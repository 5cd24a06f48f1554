"""What the benchmarks share: no shape checks, and a case of native size."""

from __future__ import annotations

import jaxtyping
import numpy as np
import pytest

from gazebench.gaze.density import fixation_density
from gazebench.gaze.points import points_of
from gazebench.gaze.reference import leave_one_out
from gazebench.gaze.resample import resize
from gazebench.scoring.target import Target
from native_case import NATIVE, READINGS, some_fixations


@pytest.fixture(scope="session", autouse=True)
def _without_shape_checks():
    """Users run without the checks that tests run under."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def densities():
    """Five readings' densities, [5, H, W], float32 as a run holds them."""
    readings = [some_fixations(60, seed) for seed in range(READINGS)]
    return np.stack([fixation_density(one, NATIVE, dtype=np.float32) for one in readings])


@pytest.fixture(scope="session")
def target(densities):
    """A target with all that metrics compare with."""
    where = [
        np.stack([one.x, one.y], axis=1)
        for one in (some_fixations(60, seed) for seed in range(READINGS))
    ]
    everywhere = some_fixations(30_000, 99)
    return Target(
        size=NATIVE,
        references=leave_one_out(densities),
        centre_bias=fixation_density(some_fixations(800, 98), NATIVE, dtype=np.float32),
        fixations=tuple(
            points_of(np.concatenate(where[:r] + where[r + 1 :]), NATIVE) for r in range(READINGS)
        ),
        other_fixations=points_of(np.stack([everywhere.x, everywhere.y], axis=1), NATIVE),
    )


@pytest.fixture(scope="session", params=["class activation map", "rectified", "noise"])
def saliency_map(request):
    """A smooth map, one with a plateau, and one without two equal pixels in a row."""
    rng = np.random.default_rng(1)
    if request.param == "noise":
        return rng.normal(size=NATIVE).astype(np.float32)
    values = resize(rng.normal(size=(17, 14)).astype(np.float32), NATIVE)
    return np.maximum(values, 0) if request.param == "rectified" else values
