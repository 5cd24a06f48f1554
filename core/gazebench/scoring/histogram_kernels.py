"""Loops over pixels and bins behind `histogram`; its wrappers check arguments.

A bin is found from the order-preserving integer key of a float32 value (see `pack_keys`): the top
16 bits choose a coarse bin, and of the low 16 bits as many as that coarse bin has been given.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

from gazebench.scoring.kernels import BLOCK

COARSE = 65536
LOW = np.uint32(0xFFFF)

# What a bin holds: the negatives' mass, the number of pixels, and the OR and AND of the low bits
# of their keys. These are equal exactly when all values of the bin are: then nothing is lost.
BIN = np.dtype([("mass", "f8"), ("pixels", "u4"), ("any", "u2"), ("all", "u2")])


@njit(cache=True, nogil=True, inline="always")
@no_type_check
def key_of(bits):
    """Return the order-preserving key of a float32's bits; -0.0 and +0.0 have the same."""
    if bits == np.uint32(0x80000000):
        bits = np.uint32(0)
    flipped = np.uint32((bits >> np.uint32(31)) * np.uint32(0x7FFFFFFF))
    return np.uint32(bits ^ (np.uint32(0x80000000) | flipped))


@njit(cache=True, nogil=True)
@no_type_check
def coarse_load(bits, negatives, step, out):
    """Add to every coarse bin its share of the pixels and of the negatives, from a subsample."""
    share = 1.0 / bits.shape[0]
    for pixel in range(0, bits.shape[0], step):
        out[key_of(bits[pixel]) >> np.uint32(16)] += share + negatives[pixel]


@njit(cache=True, nogil=True)
@no_type_check
def plan_bins(load, bins, place):
    """Give every coarse bin 2^k bins, so that about `bins` in all are equally loaded.

    Writes (first bin << 5 | 16 - k) to `place`, and returns the number of bins.
    """
    whole = 0.0
    for coarse in range(COARSE):
        whole += load[coarse]
    first = 0
    for coarse in range(COARSE):
        wanted = load[coarse] / whole * bins
        k = 0
        while k < 16 and (1 << k) < wanted:
            k += 1
        place[coarse] = np.uint32((first << 5) | (16 - k))
        first += 1 << k
    return first


@njit(cache=True, nogil=True)
@no_type_check
def fill_bins(bits, negatives, place, bin_of, table):
    """Put every pixel into its bin: write the bin's index, and add to what the bin holds."""
    for pixel in range(bits.shape[0]):
        key = key_of(bits[pixel])
        low = np.uint32(key & LOW)
        entry = place[key >> np.uint32(16)]
        found = np.uint32(entry >> np.uint32(5)) + np.uint32(low >> (entry & np.uint32(31)))
        bin_of[pixel] = found
        held = table[found]
        held.mass += negatives[pixel]
        held.pixels += np.uint32(1)
        held.any |= np.uint16(low)
        held.all &= np.uint16(low)


@njit(cache=True, nogil=True)
@no_type_check
def mid_sums(table, pixels, mass, out):
    """Write, per bin, F under uniform negatives, F under the others, and the largest error.

    F is the mass below and half the bin's own; half the mass of a bin with several values is the
    most that F can be off for any of its pixels.
    """
    below_uniform = 0.0
    below = 0.0
    for index in range(table.shape[0]):
        held = table[index]
        half_uniform = 0.5 * held.pixels / pixels
        half = 0.5 * held.mass / mass
        out[index, 0] = below_uniform + half_uniform
        out[index, 1] = below + half
        is_one_value = held.any == held.all
        out[index, 2] = 0.0 if is_one_value else max(half_uniform, half)
        below_uniform += 2.0 * half_uniform
        below += 2.0 * half


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def three_dots(density, first, second, third):
    """Return the products of a block of a density with three blocks, in float32."""
    a = np.float32(0.0)
    b = np.float32(0.0)
    c = np.float32(0.0)
    for pixel in range(density.shape[0]):
        a += density[pixel] * first[pixel]
        b += density[pixel] * second[pixel]
        c += density[pixel] * third[pixel]
    return a, b, c


@njit(cache=True, nogil=True)
@no_type_check
def binned_expectations(bin_of, sums, densities, out):
    """Write sum(density * column of the pixel's bin) for every density and the three columns."""
    count, pixels = densities.shape
    first = np.empty(BLOCK, np.float32)
    second = np.empty(BLOCK, np.float32)
    third = np.empty(BLOCK, np.float32)
    out[:] = 0.0
    for start in range(0, pixels, BLOCK):
        length = min(BLOCK, pixels - start)
        for pixel in range(length):
            index = bin_of[start + pixel]
            first[pixel] = sums[index, 0]
            second[pixel] = sums[index, 1]
            third[pixel] = sums[index, 2]
        for row in range(count):
            a, b, c = three_dots(
                densities[row, start : start + length],
                first[:length],
                second[:length],
                third[:length],
            )
            out[row, 0] += a
            out[row, 1] += b
            out[row, 2] += c


@njit(cache=True, nogil=True)
@no_type_check
def spread(bin_of, sums, column, out):
    """Write every pixel's value of one column of its bin."""
    for pixel in range(bin_of.shape[0]):
        out[pixel] = sums[bin_of[pixel], column]
