"""The cluster bootstrap over images: an image carries all its rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from gazebench.stats.estimate import Estimate

BLOCK_BYTES = 2**25  # of weights at a time: large enough for BLAS, small beside anything else
MANTISSA_BITS = 52


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Means:
    """Means over rows of many columns (entries x metrics), resampled jointly over images.

    Attributes:
        points: sum of rows / number of rows, NaN in a column without rows.
        resampled: the same for every resample.
        left_out: the same without each image in turn.
    """

    points: Float[np.ndarray, " column"]
    resampled: Float[np.ndarray, "resample column"]
    left_out: Float[np.ndarray, "image column"]

    def column(self, index: int) -> Estimate:
        """Return one column."""
        return Estimate(
            point=float(self.points[index]),
            resampled=self.resampled[:, index],
            left_out=self.left_out[:, index],
        )


def resampled_means(
    sums: Float[np.ndarray, "image column"],
    counts: Float[np.ndarray, "image column"],
    *,
    resamples: int,
    rng: np.random.Generator,
) -> Means:
    """Return the means and their cluster-bootstrap resamples.

    mean*_b = sum_i w_bi sums_i / sum_i w_bi counts_i, with w_b ~ Multinomial(n; 1/n, ..., 1/n): one
    weight matrix for all columns, applied as a matrix product. A cluster is whatever a row of
    `sums` adds up: an image, or a patient.

    >>> import numpy as np
    >>> sums, counts = np.array([[1.0], [5.0]]), np.array([[1.0], [2.0]])
    >>> means = resampled_means(sums, counts, resamples=50, rng=np.random.default_rng(0))
    >>> means.points.tolist(), sorted(set(means.resampled[:, 0].tolist()))
    ([2.0], [1.0, 2.0, 2.5])

    Reference: Field and Welsh, JRSS-B 69 (2007), the cluster bootstrap.
    """
    sums, total = _on_exact_grid(sums), counts.sum(axis=0)
    both = np.concatenate([sums, counts], axis=1)
    columns = sums.shape[1]
    blocks = [w @ both for w in weight_blocks(len(sums), resamples, rng)]
    drawn = np.concatenate([np.empty((0, 2 * columns)), *blocks])
    points = np.array([math.fsum(column) for column in sums.T])
    return Means(
        points=_ratio(points, total),
        resampled=_ratio(drawn[:, :columns], drawn[:, columns:]),
        left_out=_ratio(points - sums, total - counts),
    )


def weight_blocks(
    images: int, resamples: int, rng: np.random.Generator
) -> Iterator[Float[np.ndarray, "block image"]]:
    """Yield how often each resample draws each image; every row sums to the number of images.

    >>> import numpy as np
    >>> [block.sum(axis=1).tolist() for block in weight_blocks(4, 3, np.random.default_rng(0))]
    [[4.0, 4.0, 4.0]]
    """
    step = max(BLOCK_BYTES // (8 * images), 1)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = rng.integers(images, size=(size, images))
        cell = drawn + images * np.arange(size)[:, None]
        counted = np.bincount(cell.ravel(), minlength=size * images)
        yield counted.reshape(size, images).astype(np.float64)


def _on_exact_grid(sums: Float[np.ndarray, "image column"]) -> Float[np.ndarray, "image column"]:
    """Round to a grid on which every partial sum of the product is exact.

    Then the order of additions does not matter, and a board has the same bytes with any number of
    threads. Costs at most n 2^-53 of the largest sum: 1e-13 for a thousand images.
    """
    largest = len(sums) * np.abs(sums).max(axis=0, initial=0.0)
    quantum = np.exp2(np.ceil(np.log2(np.maximum(largest, np.finfo(float).tiny))) - MANTISSA_BITS)
    rounded: NDArray[np.float64] = np.round(sums / quantum) * quantum
    return rounded


def _ratio(
    sums: Float[np.ndarray, "*shape"], counts: Float[np.ndarray, "*shape"]
) -> Float[np.ndarray, "*shape"]:
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means
