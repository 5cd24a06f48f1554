"""Normalised cross-correlation of a map with several densities in one pass.

    NCC(a, b) = mean((a - mean a) (b - mean b)) / (std a * std b)

over all pixels, with population standard deviations: Pearson's correlation, CC in the saliency
literature. All densities of a case share one pass over the map, in float64.

Reference: protocol section 4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gazebench.gaze.arrays import Densities, SaliencyMap
from gazebench.scoring.kernels import comoments, moments


class Moments(NamedTuple):
    """A map's mean, and the sum over pixels of the squared distance from it."""

    mean: float
    squares: float


def moments_of(values: SaliencyMap) -> Moments:
    """Return the moments of a map; `squares` is exactly 0 when, and only when, it is constant.

    >>> moments_of(np.array([[1.0, 3.0]]))
    Moments(mean=2.0, squares=2.0)
    """
    return Moments(*moments(np.ascontiguousarray(values).ravel()))


def correlations(
    values: SaliencyMap, of_values: Moments, densities: Densities
) -> Float[np.ndarray, " readings"]:
    """Return the NCC of a map with every density of [R, H, W]; NaN where either is constant.

    >>> a = np.array([[0.0, 1.0, 2.0]])
    >>> correlations(a, moments_of(a), np.array([[[5.0, 6.0, 7.0]], [[2.0, 1.0, 0.0]]])).tolist()
    [1.0, -1.0]
    """
    stack = np.ascontiguousarray(densities).reshape(len(densities), -1)
    assert stack.shape[1] == values.size, "the densities are for another image"
    sums = np.empty((len(stack), 2))
    comoments(np.ascontiguousarray(values).ravel(), of_values.mean, stack, sums)
    scale = np.sqrt(of_values.squares * sums[:, 1])
    found = np.full(len(stack), np.nan)
    np.divide(sums[:, 0], scale, where=scale > 0.0, out=found)
    np.clip(found, -1.0, 1.0, out=found)
    return found
