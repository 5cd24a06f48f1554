"""Whether an entry is as good as one more reader would be."""

from __future__ import annotations

import math

from scipy.special import ndtr, stdtrit

from gazebench.spec.board import Verdict
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import Ordered, quantile_interval

ONE_SIDED = 0.05  # two one-sided tests at 5 % each: a 90 % interval
FEWEST = 5  # clusters: the resamples of fewer say little of what other images would


def verdict(fraction: Estimate, *, margin: float, ordered: Ordered | None = None) -> Verdict | None:
    """Judge a fraction of ceiling by two one-sided tests; None where there is no interval.

    Yes when its 90 % interval lies within [1 - margin, 1 + margin], no when it lies wholly
    outside, undecided otherwise; fewer than five clusters decide nothing.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> def of(low, high): return Estimate(
    ...     point=1.0, resampled=np.linspace(low, high, 11), left_out=np.zeros(5))
    >>> for low, high in ((0.95, 1.05), (0.5, 0.7), (0.5, 1.0)):
    ...     print(verdict(of(low, high), margin=0.1))
    yes
    no
    undecided

    `ordered` are the fraction's resamples in order, where they are at hand.
    Percentiles are expanded for few clusters as Student's t is wider than the normal.

    Reference: Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987); Hesterberg,
    The American Statistician 69 (2015), section 5.3, for the expanded percentiles.
    """
    clusters = fraction.n_clusters
    tail = _expanded(clusters) if clusters > 1 else ONE_SIDED
    interval = quantile_interval(fraction, (tail, 1 - tail), ordered)
    if interval is None:
        return None
    if clusters < FEWEST:
        return Verdict.UNDECIDED
    if 1 - margin <= interval.low and interval.high <= 1 + margin:
        return Verdict.YES
    if interval.high < 1 - margin or interval.low > 1 + margin:
        return Verdict.NO
    return Verdict.UNDECIDED


def _expanded(clusters: int) -> float:
    """Return the tail whose normal quantile is sqrt(n / (n - 1)) times that of t."""
    wider = math.sqrt(clusters / (clusters - 1)) * float(stdtrit(clusters - 1, ONE_SIDED))
    return float(ndtr(wider))
