"""An estimate with what intervals are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """A statistic over images, its resamples, and its values with one image left out.

    Resample b of every estimate of one board draws the same images, so estimates may be combined
    (differences, ratios) resample by resample.

    Attributes:
        point: the statistic itself.
        resampled: the statistic of every bootstrap resample, NaN where a resample has none.
        left_out: the statistic without image i, NaN where nothing is left.
    """

    point: float
    resampled: Float[np.ndarray, " resample"]
    left_out: Float[np.ndarray, " image"]
