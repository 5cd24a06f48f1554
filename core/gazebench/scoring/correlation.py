"""Normalised cross-correlation of a map with several densities in one pass.

    NCC(a, b) = mean((a - mean a) (b - mean b)) / (std a * std b)

over all pixels, with population standard deviations: Pearson's correlation, CC in the saliency
literature. It is linear in the map up to its standard deviation, so all densities of a case take
one matrix product.

Reference: protocol section 4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gazebench.scoring.kernels import moments


class Moments(NamedTuple):
    """A map's mean, and the sum over pixels of the squared distance from it."""

    mean: float
    squares: float


def moments_of(values: Float[np.ndarray, "*shape"]) -> Moments:
    """Return the moments of a map; `squares` is exactly 0 when, and only when, it is constant.

    >>> moments_of(np.array([[1.0, 3.0]]))
    Moments(mean=2.0, squares=2.0)
    """
    return Moments(*moments(np.ascontiguousarray(values).ravel()))


def correlations(
    products: Float[np.ndarray, " readings"],
    squares: float,
    density_squares: Float[np.ndarray, " readings"],
) -> Float[np.ndarray, " readings"]:
    """Return the NCC from sums of products and of squares about the means; NaN without a spread.

    >>> correlations(np.array([2.0, 0.0]), 2.0, np.array([2.0, 0.0])).tolist()
    [1.0, nan]
    """
    scale = np.sqrt(squares * density_squares)
    found = np.full(len(products), np.nan)
    np.divide(products, scale, where=scale > 0.0, out=found)
    np.clip(found, -1.0, 1.0, out=found)
    return found
