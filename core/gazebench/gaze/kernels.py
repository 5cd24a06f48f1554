"""Loops over pixels behind `density`, `resample` and `centre_bias`; their wrappers check arguments.

Single-threaded on purpose: cases are scored in parallel, and sums must not depend on threads.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
@no_type_check
def flush(values, smallest):
    """Set what is below `smallest` to zero.

    Converting to a subnormal number costs a hundred times more than converting to zero.
    """
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            if values[row, column] < smallest:
                values[row, column] = 0.0


@njit(cache=True, nogil=True)
@no_type_check
def lerp_axis(source, lower, upper, weight, out):
    """Interpolate one line of pixels: out = source[lower] + weight * (source[upper] - ...)."""
    for column in range(out.shape[0]):
        start = source[lower[column]]
        out[column] = start + weight[column] * (source[upper[column]] - start)


@njit(cache=True, nogil=True)
@no_type_check
def resample_rows(source, rows, columns, out):
    """Interpolate every output row between two source rows that were interpolated once each.

    `rows` and `columns` are (lower, upper, weight). Output rows in order share source rows, so
    enlarging a small grid costs little more than writing the result.
    """
    row_lower, row_upper, row_weight = rows
    lower, upper, weight = columns
    top, bottom = np.empty_like(out[0]), np.empty_like(out[0])
    top_row = bottom_row = -1
    for row in range(out.shape[0]):
        if row_lower[row] != top_row:
            if row_lower[row] == bottom_row:
                top, bottom = bottom, top
                top_row, bottom_row = bottom_row, top_row
            else:
                top_row = row_lower[row]
                lerp_axis(source[top_row], lower, upper, weight, top)
        if row_upper[row] != bottom_row:
            bottom_row = row_upper[row]
            lerp_axis(source[bottom_row], lower, upper, weight, bottom)
        share = row_weight[row]
        for column in range(out.shape[1]):
            out[row, column] = top[column] + share * (bottom[column] - top[column])


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
@no_type_check
def bilinear_form(left, matrix, right):
    """Return left^T matrix right in float64."""
    total = 0.0
    for row in range(matrix.shape[0]):
        line = 0.0
        for column in range(matrix.shape[1]):
            line += np.float64(matrix[row, column]) * right[column]
        total += left[row] * line
    return total


@njit(cache=True, nogil=True)
@no_type_check
def weighted_sum(stack, weights, out):
    """Add up a stack of arrays with one weight each, in float64."""
    for row in range(out.shape[0]):
        out[row] = 0.0
        for index in range(stack.shape[0]):
            share = weights[index]
            for column in range(out.shape[1]):
                out[row, column] += share * stack[index, row, column]


@njit(cache=True, nogil=True)
@no_type_check
def mean_without(total, count, own, own_count, corner, out):
    """Write (total - own) / (count - own_count), or 0 where nothing is left.

    `own` lies at `corner` (row, column) of the canvas. A rest below 1e-13 of the total is what
    rounding leaves of a subtraction, of either sign, and counts as 0.
    """
    top, left = corner
    height, width = own.shape
    for row in range(total.shape[0]):
        for column in range(total.shape[1]):
            n = count[row, column]
            out[row, column] = total[row, column] / n if n > 0 else 0.0
        if row < top or row >= top + height:
            continue
        for column in range(left, left + width):
            n = count[row, column] - own_count
            rest = total[row, column] - own[row - top, column - left]
            out[row, column] = rest / n if n > 0 and rest > 1e-13 * total[row, column] else 0.0


@njit(cache=True, nogil=True)
@no_type_check
def leave_one_out_rows(stack, out):
    """Write to out[r] the mean of all stack[other], other != r, from prefix and suffix sums."""
    count, height, width = stack.shape
    share = 1.0 / (count - 1)
    total = np.empty(width, np.float64)
    prefixes = np.empty((count, width), np.float64)
    for row in range(height):
        prefixes[0] = 0.0
        for index in range(1, count):
            for column in range(width):
                prefixes[index, column] = (
                    prefixes[index - 1, column] + stack[index - 1, row, column]
                )
        total[:] = 0.0
        for index in range(count - 1, -1, -1):
            for column in range(width):
                out[index, row, column] = (prefixes[index, column] + total[column]) * share
                total[column] += stack[index, row, column]
