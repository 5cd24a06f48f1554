"""The difference of two entries on the same images, and whether chance explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from gazebench.spec.board import Interval
from gazebench.stats.estimate import Estimate, present_in_either
from gazebench.stats.intervals import percentile_interval

EQUAL = 1e-12  # of the larger score: below this a difference is the rounding of sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A difference with its uncertainty.

    Attributes:
        difference: first minus second.
        interval: 95 %, percentiles of the resampled differences; None with fewer than two clusters.
        standard_error: of the difference; NaN with fewer than two clusters.
        p_value: two-sided, unadjusted; NaN with fewer than two clusters.
        n_clusters: how many clusters (images, or patients) the difference depends on.
    """

    difference: float
    interval: Interval | None
    standard_error: float
    p_value: float
    n_clusters: int


def difference_of(a: Estimate, b: Estimate) -> Estimate:
    """Return a - b, resample by resample."""
    return Estimate(
        point=a.point - b.point,
        resampled=a.resampled - b.resampled,
        left_out=a.left_out - b.left_out,
        present=present_in_either(a, b),
    )


def compare(a: Estimate, b: Estimate) -> Comparison:
    """Compare two jointly resampled estimates.

    The paired cluster bootstrap gives the standard error, SE = SD(a* - b*) sqrt(n / (n - 1)) for n
    clusters, and Student's t with n - 1 degrees of freedom gives the tail: counting resamples
    cannot show a p-value below 1 / resamples, and many pairs need smaller ones.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> def of(*draws): return Estimate(
    ...     point=sum(draws) / 2, resampled=np.array(draws), left_out=np.zeros(5))
    >>> found = compare(of(0.5, 0.75), of(0.25, 0.0))
    >>> found.difference, round(found.standard_error, 6), round(found.p_value, 3)
    (0.5, 0.395285, 0.275)
    >>> compare(of(0.5, 0.75), of(0.5, 0.75)).p_value
    1.0

    Reference: Efron and Tibshirani, An Introduction to the Bootstrap (1993), sections 6.2 and 8.3.
    """
    difference = difference_of(a, b)
    error = standard_error(difference)
    is_zero = abs(difference.point) <= EQUAL * max(abs(a.point), abs(b.point))
    return Comparison(
        difference=0.0 if is_zero else difference.point,
        interval=percentile_interval(difference),
        standard_error=error,
        p_value=1.0 if is_zero else p_value(difference.point, error, difference.n_clusters),
        n_clusters=difference.n_clusters,
    )


def standard_error(estimate: Estimate) -> float:
    """Return SD(resamples, ddof 1) sqrt(n / (n - 1)), NaN with fewer than two clusters."""
    drawn = estimate.resampled[np.isfinite(estimate.resampled)]
    n = estimate.n_clusters
    if n < 2 or len(drawn) < 2:
        return math.nan
    return float(np.std(drawn, ddof=1)) * math.sqrt(n / (n - 1))


def p_value(difference: float, error: float, n_clusters: int) -> float:
    """Return the two-sided p-value of a difference that is expected to be 0.

    >>> round(p_value(2.262157, 1.0, 10), 6)  # the tabulated quantile of t with 9 degrees
    0.05
    """
    if math.isnan(error) or math.isnan(difference):
        return math.nan
    if difference == 0:
        return 1.0
    size = abs(difference) / error if error > 0 else math.inf
    return max(2.0 * float(stdtr(n_clusters - 1, -size)), least_p_value(n_clusters))


def least_p_value(n_clusters: int) -> float:
    """Return the smallest p-value that so many clusters can give: 2^(1 - n).

    All differences of one sign have that probability under the sign-flip test, which assumes
    nothing about their size: a few equal differences are no certainty.

    >>> least_p_value(2), least_p_value(6)
    (0.5, 0.03125)
    """
    return 2.0 ** (1 - n_clusters)
