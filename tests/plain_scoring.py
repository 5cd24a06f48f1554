"""The protocols of `gazebench.spec.contracts` for scoring, done plainly in float64.

Written straight from the contracts, slow on purpose, sharing no code with `gazebench.scoring`: what
a metric returns on these is what it has to return on the fast ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from gazebench.spec.values import Points, Size

Array = NDArray[np.float64]


class PlainMap:
    """A map, ready to be compared."""

    def __init__(self, values: NDArray[np.generic]) -> None:
        self.values = np.asarray(values, np.float64)

    @property
    def is_constant(self) -> bool:
        return bool((self.values == self.values.flat[0]).all())

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def deviation(self) -> float:
        return 0.0 if self.is_constant else float(self.values.std())

    @property
    def distribution(self) -> Array:
        raised = self.values - min(self.values.min(), 0.0)
        if raised.sum() == 0.0:
            return np.full(raised.shape, 1.0 / raised.size)
        return raised / raised.sum()

    def at(self, points: Points) -> Array:
        return np.array([self.values[r, c] for r, c in zip(*points, strict=True)])

    def ncc(self, densities: Array) -> Array:
        return np.array([correlation(self.values, density) for density in densities])

    def ranks(self, negatives: Array | None) -> PlainRanks:
        q = np.ones(self.values.shape) if negatives is None else negatives
        return PlainRanks(self.values, q)

    def mid_ranks(self, points: Points) -> Array:
        values = self.at(points)[:, None]
        everywhere = self.values.ravel()[None, :]
        return ((everywhere < values) + 0.5 * (everywhere == values)).mean(axis=1)

    def intersections(self, densities: Array) -> Array:
        return np.array([np.minimum(self.distribution, density).sum() for density in densities])

    def cross_entropies(self, densities: Array, epsilon: float) -> Array:
        with np.errstate(divide="ignore"):
            logarithms = np.log(self.distribution + epsilon)
        return np.array([-(d[d > 0] * logarithms[d > 0]).sum() for d in densities])

    def rank_correlations(self, densities: Array) -> Array:
        own = rankdata(self.values).reshape(self.values.shape)
        return np.array([correlation(own, rankdata(d).reshape(d.shape)) for d in densities])


@dataclass
class PlainRanks:
    """A map's ranks: every pair of pixels is looked at."""

    values: Array
    negatives: Array

    def auc(self, positives: Array) -> Array:
        s, q = self.values.ravel(), self.negatives.ravel()
        wins = (s[:, None] > s[None, :]) + 0.5 * (s[:, None] == s[None, :])
        return np.array([p.ravel() @ wins @ q / (p.sum() * q.sum()) for p in positives])

    def certificates(self, positives: Array) -> Array:
        return np.zeros(len(positives))


@dataclass
class PlainTarget:
    """What the maps of one case are scored against."""

    size: Size
    references: Array
    centre_bias: Array | None = None
    fixations: tuple[Points, ...] = ()
    other_fixations: Points | None = None
    regions: tuple[NDArray[np.bool_] | None, ...] = ()

    @property
    def entropies(self) -> Array:
        return np.array([-(p[p > 0] * np.log(p[p > 0])).sum() for p in self.references])


def correlation(a: Array, b: Array) -> float:
    """Pearson's correlation; NaN without a spread."""
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return float("nan")
    away, off = a - a.mean(), b - b.mean()
    return float((away * off).sum() / np.sqrt((away**2).sum() * (off**2).sum()))
