"""Loops over pixels behind the scores; their wrappers check arguments.

Single-threaded on purpose: cases are scored in parallel, and sums must not depend on threads.
Sums over pixels are float64, at least from block to block: float32 ones lose 1e-4 over millions of
tied pixels.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

BLOCK = 2048  # pixels of a map that stay in the first cache while every density passes over them


@njit(cache=True, nogil=True)
@no_type_check
def pack_keys(bits, out):
    """Write order-preserving key << 32 | pixel for the bits of float32 values.

    Positive floats sort by their bits, negative ones backwards; -0.0 becomes +0.0 first.
    """
    for pixel in range(bits.shape[0]):
        word = np.uint64(bits[pixel])
        if word == np.uint64(0x80000000):
            word = np.uint64(0)
        is_negative = word >> np.uint64(31)
        key = word ^ (np.uint64(0x80000000) | (is_negative * np.uint64(0x7FFFFFFF)))
        out[pixel] = (key << np.uint64(32)) | np.uint64(pixel)


@njit(cache=True, nogil=True)
@no_type_check
def uniform_mid_cdf(order, out):
    """Write (pixels below + half the pixels tied) / pixels to every pixel of the sorted `order`."""
    count = order.shape[0]
    start = 0
    while start < count:
        key = order[start] >> np.uint64(32)
        stop = start + 1
        while stop < count and order[stop] >> np.uint64(32) == key:
            stop += 1
        value = (start + stop) / (2.0 * count)
        for rank in range(start, stop):
            out[order[rank] & np.uint64(0xFFFFFFFF)] = value
        start = stop


@njit(cache=True, nogil=True)
@no_type_check
def weighted_mid_cdf(order, negatives, out):
    """Write (mass below + half the mass tied) to every pixel, and return the whole mass."""
    count = order.shape[0]
    below = 0.0
    start = 0
    while start < count:
        key = order[start] >> np.uint64(32)
        tied = 0.0
        stop = start
        while stop < count and order[stop] >> np.uint64(32) == key:
            tied += negatives[order[stop] & np.uint64(0xFFFFFFFF)]
            stop += 1
        value = below + 0.5 * tied
        for rank in range(start, stop):
            out[order[rank] & np.uint64(0xFFFFFFFF)] = value
        below += tied
        start = stop
    return below


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def sum_and_dot(density, values):
    """Return sum(density) and sum(density * values) of one block."""
    total = 0.0
    dot = 0.0
    for pixel in range(density.shape[0]):
        share = np.float64(density[pixel])
        total += share
        dot += share * values[pixel]
    return total, dot


@njit(cache=True, nogil=True)
@no_type_check
def expectations(values, densities, out):
    """Write sum(density * values) / sum(density) for every row of `densities`."""
    count, pixels = densities.shape
    totals = np.zeros(count, np.float64)
    out[:] = 0.0
    for start in range(0, pixels, BLOCK):
        block = values[start : start + BLOCK]
        for row in range(count):
            total, dot = sum_and_dot(densities[row, start : start + BLOCK], block)
            totals[row] += total
            out[row] += dot
    for row in range(count):
        out[row] /= totals[row]


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def moments(values):
    """Return the mean and the sum of squares about it.

    Shifted by the first value: a constant array has exactly zero, and the error stays below the
    number of pixels times the rounding unit.
    """
    shift = np.float64(values[0])
    total = 0.0
    squares = 0.0
    for pixel in range(values.shape[0]):
        step = values[pixel] - shift
        total += step
        squares += step * step
    count = values.shape[0]
    return shift + total / count, squares - total * total / count


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def total(values):
    """Return the sum of an array."""
    found = 0.0
    for pixel in range(values.shape[0]):
        found += np.float64(values[pixel])
    return found


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def centred_dot(density, mean, centred):
    """Return sum((density - mean) * centred) of one block, in the precision of `centred`."""
    found = centred[0] * 0
    for pixel in range(density.shape[0]):
        found += (density[pixel] - mean) * centred[pixel]
    return np.float64(found)


@njit(cache=True, nogil=True)
@no_type_check
def centred_products(values, mean, densities, means, centred, out):
    """Write sum((value - mean) * (density - its mean)) for every row of `densities`.

    A block of the map is centred once, and multiplied by every density while it lies in the cache:
    a matrix product whose sums are in the precision of `centred`, memory for one block, within a
    block, and in float64 across blocks.
    """
    count, pixels = densities.shape
    own_means = means.astype(centred.dtype)
    out[:] = 0.0
    for start in range(0, pixels, BLOCK):
        length = min(BLOCK, pixels - start)
        for pixel in range(length):
            centred[pixel] = values[start + pixel] - mean
        for row in range(count):
            out[row] += centred_dot(
                densities[row, start : start + length], own_means[row], centred[:length]
            )


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def overlap(density, share, values):
    """Return sum(min(density * share, values)) of one block."""
    found = values[0] * 0
    for pixel in range(density.shape[0]):
        found += min(density[pixel] * share, values[pixel])
    return np.float64(found)


@njit(cache=True, nogil=True)
@no_type_check
def overlaps(values, shift, scale, densities, shares, block, out):
    """Write sum(min(density * share, (value - shift) * scale)) for every row of `densities`."""
    count, pixels = densities.shape
    own_shares = shares.astype(block.dtype)
    out[:] = 0.0
    for start in range(0, pixels, BLOCK):
        length = min(BLOCK, pixels - start)
        for pixel in range(length):
            block[pixel] = (values[start + pixel] - shift) * scale
        for row in range(count):
            out[row] += overlap(
                densities[row, start : start + length], own_shares[row], block[:length]
            )


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def dot(density, values):
    """Return sum(density * values) of one block, in the precision of `values`."""
    found = values[0] * 0
    for pixel in range(density.shape[0]):
        found += density[pixel] * values[pixel]
    return np.float64(found)


@njit(cache=True, nogil=True)
@no_type_check
def add_products(block, densities, start, out):
    """Add to `out` sum(density * block) for every row of `densities`, from pixel `start` on."""
    count = densities.shape[0]
    for first in range(0, block.shape[0], BLOCK):
        part = block[first : first + BLOCK]
        at = start + first
        for row in range(count):
            out[row] += dot(densities[row, at : at + part.shape[0]], part)
