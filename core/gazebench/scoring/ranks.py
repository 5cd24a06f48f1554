"""Tie-aware ranks of a map's values under a distribution of negatives.

    F_q(v) = q(S < v) + q(S = v) / 2

the mid-distribution function of the map's values S when pixels are drawn from the density q. The
pixels are sorted once, whatever the negatives; each q costs one sweep along that order.

The order is exact: 64-bit words, an order-preserving key of the float32 value above the pixel's
index, in one in-place sort. `gazebench.scoring.histogram` is the faster way, with an error bound.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, UInt64

from gazebench.gaze.arrays import FixationDensity
from gazebench.scoring.kernels import pack_keys, uniform_mid_cdf, weighted_mid_cdf


def pixel_order(values: Float32[np.ndarray, "height width"]) -> UInt64[np.ndarray, " pixel"]:
    """Return the pixels sorted by value: key << 32 | index, ascending; ties in index order.

    The keys of equal values are equal, -0.0 and +0.0 included. Values must not be NaN.

    >>> order = pixel_order(np.array([[3.0, -1.0, 2.0]], np.float32))
    >>> (order & np.uint64(0xFFFFFFFF)).tolist()
    [1, 2, 0]
    """
    flat = np.ascontiguousarray(values).ravel()
    order = np.empty(flat.size, np.uint64)
    pack_keys(flat.view(np.uint32), order)
    order.sort()
    return order


def mid_cdf(
    order: UInt64[np.ndarray, " pixel"], negatives: FixationDensity | None
) -> Float[np.ndarray, " pixel"]:
    """Return F_q of every pixel's own value, in pixel order; q uniform where `negatives` is None.

    `negatives` need not sum to 1 exactly: masses are relative to their sum.

    >>> order = pixel_order(np.array([[3.0, -1.0, 3.0]], np.float32))
    >>> mid_cdf(order, np.array([[0.25, 0.5, 0.25]])).tolist()
    [0.75, 0.25, 0.75]
    """
    out = np.empty(order.size)
    if negatives is None:
        uniform_mid_cdf(order, out)
        return out
    assert negatives.size == order.size, "the negatives are for another image"
    out /= weighted_mid_cdf(order, np.ascontiguousarray(negatives).ravel(), out)
    return out


def mid_ranks(
    values: Float[np.ndarray, "height width"],
) -> Float32[np.ndarray, " pixel"]:
    """Return (pixels below + half the pixels tied) / pixels, in pixel order: ranks from 0 to 1.

    >>> mid_ranks(np.array([[3.0, -1.0, 3.0, 5.0]], np.float32)).tolist()
    [0.5, 0.125, 0.5, 0.875]
    """
    return mid_cdf(pixel_order(values.astype(np.float32, copy=False)), None).astype(np.float32)
