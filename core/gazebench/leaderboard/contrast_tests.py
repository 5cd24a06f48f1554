"""The difference of two jointly resampled estimates over other images, and its p-value."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtr

from gazebench.leaderboard.contrast_values import Test
from gazebench.stats.comparison import EQUAL, Comparison, compare, difference_of, standard_error
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import percentile_interval


def contrast(a: Estimate, b: Estimate, test: Test) -> Comparison:
    """Return a - b with its interval from the joint resamples, and a two-sided p-value.

    - paired: as `gazebench.stats.comparison.compare`.
    - unpaired: SE^2 = SE_a^2 + SE_b^2, each with its own number of images, and Welch's degrees of
      freedom: a small part of many images must not borrow certainty from a large one.
    - overlapping: SE = SD(a* - b*) sqrt(m / (m - 1)), m - 1 degrees of freedom, m = images of the
      smaller part, which errs to the safe side.

    Reference: Welch, Biometrika 34 (1947); Efron and Tibshirani, An Introduction to the Bootstrap
    (1993), section 8.3.
    """
    if test is Test.PAIRED:
        return compare(a, b)
    difference = difference_of(a, b)
    error, degrees = (_welch if test is Test.UNPAIRED else _overlapping)(a, b)
    is_zero = abs(difference.point) <= EQUAL * max(abs(a.point), abs(b.point))
    return Comparison(
        difference=0.0 if is_zero else difference.point,
        interval=percentile_interval(difference),
        standard_error=error,
        p_value=1.0 if is_zero else _two_sided(difference.point, error, degrees),
        n_clusters=difference.n_clusters,
    )


def _welch(a: Estimate, b: Estimate) -> tuple[float, float]:
    squares = standard_error(a) ** 2, standard_error(b) ** 2
    total = sum(squares)
    if not total > 0:
        return math.sqrt(total), math.nan
    spread = sum(
        square**2 / (part.n_clusters - 1) for square, part in zip(squares, (a, b), strict=True)
    )
    return math.sqrt(total), total**2 / spread


def _overlapping(a: Estimate, b: Estimate) -> tuple[float, float]:
    drawn = a.resampled - b.resampled
    drawn = drawn[np.isfinite(drawn)]
    smaller = min(a.n_clusters, b.n_clusters)
    if smaller < 2 or len(drawn) < 2:
        return math.nan, math.nan
    return float(np.std(drawn, ddof=1)) * math.sqrt(smaller / (smaller - 1)), smaller - 1


def _two_sided(difference: float, error: float, degrees: float) -> float:
    if math.isnan(error):
        return math.nan
    if error == 0:
        return 0.0
    return 2.0 * float(stdtr(degrees, -abs(difference) / error))
