"""Confidence intervals, 95 %: percentile, BCa, and the formula of the paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri

from gazebench.spec.board import Interval
from gazebench.stats.estimate import Estimate

Ordered: TypeAlias = Float[np.ndarray, " resample"]

TAILS = (0.025, 0.975)  # 95 %
PAPER_FACTOR = 1.96  # the paper's, not the quantile 1.959964 that it rounds


class IntervalKind(StrEnum):
    """How a board makes its intervals."""

    BOOTSTRAP = "bootstrap"
    BCA = "bca"
    PAPER = "paper"

    def in_words(self, resamples: int, *, over: str = "images") -> str:
        """Say it as a reader of the board should see it; `over` is what is resampled.

        >>> IntervalKind.BOOTSTRAP.in_words(10_000)
        'bootstrap over images, 10,000 resamples, percentile, 95 %'
        """
        if self is IntervalKind.PAPER:
            return (
                "mean +- 1.96 SD of all rows / sqrt(number of images), as published; fractions: "
                f"bootstrap over {over}, {resamples:,} resamples, percentile, 95 %"
            )
        form = "BCa" if self is IntervalKind.BCA else "percentile"
        return f"bootstrap over {over}, {resamples:,} resamples, {form}, 95 %"


def interval_of(
    estimate: Estimate, kind: IntervalKind, ordered: Ordered | None = None
) -> Interval | None:
    """Return the resampled interval of any statistic; the paper's formula is for means only.

    Where that one is asked for, other statistics get percentiles. `ordered` are the resamples in
    order, where they are at hand.
    """
    if kind is IntervalKind.BCA:
        return bca_interval(estimate)
    return percentile_interval(estimate, ordered)


def percentile_interval(estimate: Estimate, ordered: Ordered | None = None) -> Interval | None:
    """Return the 2.5 % and 97.5 % quantiles of the resamples; None with fewer than two clusters.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> of = Estimate(point=5.0, resampled=np.arange(11.0), left_out=np.array([4.0, 6.0]))
    >>> percentile_interval(of)
    Interval(low=0.25, high=9.75)
    """
    return quantile_interval(estimate, TAILS, ordered)


def bca_interval(estimate: Estimate) -> Interval | None:
    """Return the bias-corrected and accelerated interval; None with fewer than two clusters.

    Quantiles alpha' = Phi(z0 + (z0 + z_alpha) / (1 - a (z0 + z_alpha))), z0 = Phi^-1(share of
    resamples below the estimate), a = sum d^3 / (6 (sum d^2)^1.5), d = mean - left-out values.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> of = Estimate(point=5.0, resampled=np.arange(11.0), left_out=np.array([4.0, 6.0]))
    >>> interval = bca_interval(of)  # no bias, no skew: the percentiles
    >>> round(interval.low, 9), round(interval.high, 9)
    (0.25, 9.75)

    Reference: Efron, JASA 82 (1987), equation 2.3.
    """
    drawn, present = estimate.resampled[np.isfinite(estimate.resampled)], estimate.present
    left_out = estimate.left_out if present is None else estimate.left_out[present]
    left_out = left_out[np.isfinite(left_out)]
    if not len(drawn) or np.ptp(drawn) == 0:
        return percentile_interval(estimate)
    below = np.mean(drawn < estimate.point) + np.mean(drawn == estimate.point) / 2
    share = np.clip(below, 0.5 / len(drawn), 1 - 0.5 / len(drawn))
    bias = ndtri(share)
    skewed = bias + ndtri(np.array(TAILS))
    levels = ndtr(bias + skewed / (1 - _acceleration(left_out) * skewed))
    return quantile_interval(estimate, levels.tolist())


def paper_interval(rows: Float[np.ndarray, " row"], *, images: int) -> Interval | None:
    """Return mean +- 1.96 SD(rows, ddof 1) / sqrt(images); None with fewer than two images.

    The rows of an image are counted as if they were independent in the SD, and as one in the root.

    >>> import numpy as np
    >>> interval = paper_interval(np.array([0.0, 0.0, 3.0, 3.0]), images=3)
    >>> round(interval.low, 9), round(interval.high, 9)  # SD = sqrt(3)
    (-0.46, 3.46)

    Reference: Bigolin Lanfredi et al., arXiv 2112.11716, tables 1 and 2.
    """
    if images < 2:
        return None
    half = PAPER_FACTOR * float(np.std(rows, ddof=1)) / math.sqrt(images)
    mean = math.fsum(rows) / len(rows)
    return Interval(low=mean - half, high=mean + half)


def _acceleration(left_out: Float[np.ndarray, " cluster"]) -> float:
    distance = left_out.mean() - left_out
    spread = float(np.sum(distance**2))
    return float(np.sum(distance**3)) / (6 * spread**1.5) if spread > 0 else 0.0


def in_order(estimate: Estimate) -> Ordered:
    """Return the resamples in order, for several quantiles of them; NaN goes last."""
    return np.sort(estimate.resampled)  # faster than a selection


def quantile_interval(
    estimate: Estimate, levels: Sequence[float], ordered: Ordered | None = None
) -> Interval | None:
    """Return two quantiles of the resamples; None with fewer than two clusters.

    Linear between order statistics. Resamples without a value are left out. `ordered` are the
    resamples in order, where they are at hand.
    """
    ordered = in_order(estimate) if ordered is None else ordered
    drawn = len(ordered)
    if drawn and np.isnan(ordered[-1]):
        drawn -= int(np.isnan(ordered).sum())
    if estimate.n_clusters < 2 or not drawn:
        return None
    low, high = (_between(ordered, level * (drawn - 1)) for level in levels)
    return Interval(low=low, high=high)


def _between(ordered: Float[np.ndarray, " resample"], place: float) -> float:
    below = math.floor(place)
    low = float(ordered[below])
    if place == below:
        return low
    return low + (place - below) * (float(ordered[below + 1]) - low)
