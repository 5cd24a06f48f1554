"""The cluster bootstrap: an image, or a patient, is drawn with all its rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from gazebench.stats.estimate import Estimate

BLOCK_BYTES = 2**25  # of weights at a time: large enough for BLAS, small beside anything else
MANTISSA_BITS = 52


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Means:
    """Means over rows of many columns (entries x subsets), resampled jointly over clusters.

    Attributes:
        points: sum of rows / number of rows, NaN in a column without rows.
        resampled: the same for every resample.
        left_out: the same without each cluster in turn.
        present: whether a cluster has rows.
    """

    points: Float[np.ndarray, " column"]
    resampled: Float[np.ndarray, "column resample"]
    left_out: Float[np.ndarray, "column cluster"]
    present: Bool[np.ndarray, "column cluster"]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.resampled.nbytes + self.left_out.nbytes

    def column(self, index: int) -> Estimate:
        """Return one column, without copying."""
        return Estimate(
            point=float(self.points[index]),
            resampled=self.resampled[index],
            left_out=self.left_out[index],
            present=self.present[index],
        )


def resampled_means(
    sums: Float[np.ndarray, "cluster column"],
    counts: Float[np.ndarray, "cluster column"],
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
    >>> means.points.tolist(), sorted(set(means.resampled[0].tolist()))
    ([2.0], [1.0, 2.0, 2.5])

    Reference: Field and Welsh, JRSS-B 69 (2007), the cluster bootstrap.
    """
    return weighted_means(sums, counts, weight_blocks(len(sums), resamples, rng))


def weighted_means(
    sums: Float[np.ndarray, "cluster column"],
    counts: Float[np.ndarray, "cluster column"],
    weights: Iterable[Float[np.ndarray, "_ used"]],
    *,
    used: Bool[np.ndarray, " cluster"] | None = None,
) -> Means:
    """Return the means and their resamples, from weights that are drawn already.

    `weights` are those of the clusters that are `used`: the others have no row. None uses all.
    """
    sums, total = _on_exact_grid(sums), counts.sum(axis=0)
    points = np.array([math.fsum(column) for column in sums.T])
    # Most entries have the same rows, so few columns of counts are distinct.
    distinct, which = _distinct_columns(counts)
    both = np.concatenate([sums, distinct], axis=1)
    both = (both if used is None else both[used]).T.copy()
    blocks = [both @ block.T for block in weights]
    drawn = blocks[0] if len(blocks) == 1 else np.concatenate([both[:, :0], *blocks], axis=1)
    columns = sums.shape[1]
    rows = drawn[columns:]
    rows[rows == 0] = np.nan
    resampled = drawn[:columns]
    if len(rows) == 1:
        resampled /= rows  # in place, where all have the same rows
    else:
        for index in range(len(rows)):
            resampled[which == index] /= rows[index]
    return Means(
        points=_ratio(points, total),
        resampled=resampled,
        left_out=_ratio(points - sums, total - counts).T.copy(),
        present=(counts > 0).T.copy(),
    )


def weight_blocks(
    clusters: int, resamples: int, rng: np.random.Generator
) -> Iterator[Float[np.ndarray, "_ cluster"]]:
    """Yield how often each resample draws each cluster; rows sum to the number of clusters.

    >>> import numpy as np
    >>> [block.sum(axis=1).tolist() for block in weight_blocks(4, 3, np.random.default_rng(0))]
    [[4.0, 4.0, 4.0]]
    """
    step = max(BLOCK_BYTES // (8 * clusters), 1)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = rng.integers(clusters, size=(size, clusters))
        cell = drawn + clusters * np.arange(size)[:, None]
        counted = np.bincount(cell.ravel(), minlength=size * clusters)
        yield counted.reshape(size, clusters).astype(np.float64)


def _distinct_columns(
    counts: Float[np.ndarray, "cluster column"],
) -> tuple[Float[np.ndarray, "cluster distinct"], NDArray[np.intp]]:
    places: dict[bytes, int] = {}
    which = [places.setdefault(column.tobytes(), len(places)) for column in counts.T]
    first = [which.index(place) for place in range(len(places))]
    return counts[:, first], np.array(which, dtype=np.intp)


def _on_exact_grid(
    sums: Float[np.ndarray, "cluster column"],
) -> Float[np.ndarray, "cluster column"]:
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
