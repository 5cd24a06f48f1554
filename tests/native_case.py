"""A made-up reading of native size, for the benchmarks."""

from __future__ import annotations

import numpy as np

from gazebench.spec.values import Fixations, Size

NATIVE = Size(2544, 3056)
READINGS = 5


def some_fixations(count: int, seed: int, size: Size = NATIVE) -> Fixations:
    """Return fixations around the middle of an image, one degree being 60 to 100 pixels."""
    rng = np.random.default_rng(seed)
    return Fixations(
        x=rng.normal(size.width / 2, 0.15 * size.width, count),
        y=rng.normal(size.height / 2, 0.15 * size.height, count),
        start_s=np.zeros(count),
        end_s=rng.gamma(2.0, 0.15, count),
        sigma_x=rng.uniform(60, 100, count),
        sigma_y=rng.uniform(60, 100, count),
        shown=np.tile([0, 0, size.width, size.height], (count, 1)),
    )
