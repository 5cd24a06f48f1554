"""Block means: a large array on a coarse grid."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def block_means(
    values: Float[np.ndarray, "height width"], shape: tuple[int, int]
) -> Float[np.ndarray, "rows columns"]:
    """Return the mean of every block, in float64.

    >>> block_means(np.array([[1.0, 3.0, 5.0, 7.0]]), (1, 2)).tolist()
    [[2.0, 6.0]]
    """
    for axis, cells in ((1, shape[1]), (0, shape[0])):
        pixels = values.shape[axis]
        starts = _starts(pixels, cells)
        sizes = np.diff([*starts, pixels]).astype(np.float64)
        sums = np.add.reduceat(values, starts, axis=axis, dtype=np.float64)
        values = sums / np.expand_dims(sizes, 1 - axis)
    return values


def _starts(pixels: int, cells: int) -> list[int]:
    return [cell * pixels // cells for cell in range(cells)]
