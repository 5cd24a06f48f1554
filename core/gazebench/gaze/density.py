"""From fixations to a gaze heatmap, and from there to a fixation density.

    heatmap[row, col] = sum_i d_i / (2 pi sx_i sy_i)
                        exp(-(col - x_i)^2 / (2 sx_i^2) - (row - y_i)^2 / (2 sy_i^2))

over the fixations i that show the pixel; d is the duration, sx and sy one degree of visual angle in
pixels. The Gaussians are axis-aligned, hence separable: heatmap = Gy^T diag(d) Gx, one matrix
product. Pixel indices are integers (no half-pixel offset), the shown rectangle is end-exclusive,
and what it cuts off is lost, not made up for.

Reference: protocol section 1; Bigolin Lanfredi et al., arXiv 2112.11716 (2021).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import DTypeLike

from gazebench.errors import DataError
from gazebench.gaze.arrays import FixationDensity, GazeHeatmap
from gazebench.gaze.kernels import flush
from gazebench.spec.values import Fixations, Size

# Beyond 26 sigma along an axis a Gaussian counts as zero (it is below 1e-147 of its peak): products
# of two such factors would be subnormal numbers, which slow the matrix product down three to nine
# times.
FARTHEST = 340.0  # half the square of 26 sigma

# The product is made in blocks of whole tiles, padded with zeros: a matrix library adds up the odd
# tiles at the edges in another order, and where they lie depends on its number of threads. A
# float64 block of this height stays in the cache until it is converted.
ROWS_AT_ONCE = 256
TILE = 64


class NoDensityError(DataError):
    """A reading without gaze on the image, or a case without others to average over."""


def gaze_heatmap(fixations: Fixations, size: Size, *, dtype: DTypeLike = np.float64) -> GazeHeatmap:
    """Return the duration-weighted gaze heatmap of one reading, [H, W], in seconds per pixel.

    `dtype` is that of the result, float64 or float32; the arithmetic is float64 either way.

    >>> one = Fixations(x=np.array([1.0]), y=np.array([0.0]), start_s=np.array([0.0]),
    ...     end_s=np.array([2 * np.pi]), sigma_x=np.array([1.0]), sigma_y=np.array([1.0]),
    ...     shown=np.array([[0, 0, 2, 1]]))
    >>> gaze_heatmap(one, Size(1, 3)).round(3).tolist()
    [[0.607, 1.0, 0.0]]
    """
    factors = _factors(fixations, size)
    return _product(factors, np.ones(()), np.empty(size, dtype))


def fixation_density(
    fixations: Fixations,
    size: Size,
    *,
    dtype: DTypeLike = np.float64,
    out: FixationDensity | None = None,
) -> FixationDensity:
    """Return the fixation density of one reading, [H, W], non-negative and summing to 1.

    The heatmap's sum is separable too, so the weights are normalised before the product. `out` is
    memory to use again, [H, W]; the result has its type.

    Raises:
        NoDensityError: the heatmap sums to zero, so there is nothing to normalise.
    """
    factors = _factors(fixations, size)
    total = np.sum(
        factors.weights * factors.vertical.sum(axis=1) * factors.horizontal.sum(axis=1),
        dtype=np.float64,
    )
    if not total >= np.finfo(np.float64).tiny:
        raise NoDensityError(
            f"the gaze heatmap sums to zero: none of the {len(fixations)} fixations reaches the "
            f"part of the image ({size.width} x {size.height}) that was shown",
            do="leave the reading out, or check its coordinates",
        )
    memory = np.empty(size, dtype) if out is None else out
    return _product(factors, total, memory)


class _Factors(NamedTuple):
    """The separable parts: one weight, one column profile and one row profile per fixation."""

    weights: Float[np.ndarray, " fixation"]
    vertical: Float[np.ndarray, "fixation height"]
    horizontal: Float[np.ndarray, "fixation width"]


def _factors(fixations: Fixations, size: Size) -> _Factors:
    duration = fixations.end_s - fixations.start_s
    left, top, right, bottom = fixations.shown.T.reshape(4, -1)
    return _Factors(
        weights=duration / (2 * np.pi * fixations.sigma_x * fixations.sigma_y),
        vertical=_profiles(fixations.y, fixations.sigma_y, top, bottom, size.height),
        horizontal=_profiles(fixations.x, fixations.sigma_x, left, right, size.width),
    )


def _profiles(
    centre: Float[np.ndarray, " fixation"],
    sigma: Float[np.ndarray, " fixation"],
    start: Int[np.ndarray, " fixation"],
    stop: Int[np.ndarray, " fixation"],
    length: int,
) -> Float[np.ndarray, "fixation length"]:
    """Return exp(-(index - centre)^2 / (2 sigma^2)) for start <= index < stop, else 0."""
    index = np.arange(length)
    exponent = ((index - centre[:, None]) / sigma[:, None]) ** 2 / 2
    is_shown = (start[:, None] <= index) & (index < stop[:, None])
    is_near = is_shown & (exponent <= FARTHEST)
    profiles: Float[np.ndarray, "fixation length"] = np.zeros_like(exponent)
    np.exp(-exponent, where=is_near, out=profiles)
    return profiles


def _product(
    factors: _Factors, total: Float[np.ndarray, ""] | np.float64, out: GazeHeatmap
) -> GazeHeatmap:
    """Write vertical^T diag(weights / total) horizontal to `out`, and return it."""
    weighted = factors.vertical * (factors.weights / total)[:, None]
    down, across = _padded(weighted, ROWS_AT_ONCE), _padded(factors.horizontal, TILE)
    height, width = weighted.shape[1], factors.horizontal.shape[1]
    block = np.empty((ROWS_AT_ONCE, across.shape[1]))
    smallest = float(np.finfo(out.dtype).tiny)
    for first in range(0, height, ROWS_AT_ONCE):
        np.matmul(down[:, first : first + ROWS_AT_ONCE].T, across, out=block)
        rows = out[first : first + ROWS_AT_ONCE]
        part = block[: len(rows), :width]
        if out.dtype != np.float64:
            flush(part, smallest)
        rows[:] = part
    return out


def _padded(
    profiles: Float[np.ndarray, "fixation length"], multiple: int
) -> Float[np.ndarray, "fixation padded"]:
    count, length = profiles.shape
    padded: Float[np.ndarray, "fixation padded"] = np.zeros(
        (count, -(-length // multiple) * multiple)
    )
    padded[:, :length] = profiles
    return padded
