"""How many more images would tell two entries apart."""

from __future__ import annotations

import math

from scipy.special import ndtri, stdtrit

from gazebench.stats.comparison import Comparison

POWER = 0.8
LARGEST = 10**9  # a forecast beyond this says "never"


def images_to_separate(comparison: Comparison, *, alpha: float, power: float = POWER) -> int | None:
    """Forecast how many more images (clusters) would make a difference significant.

    Supposes that the difference and the spread of images stay as they are: the smallest N with
    |d| / (SE sqrt(n / N)) >= t_(1 - alpha/2) + t_power, both quantiles with N - 1 degrees of
    freedom. `alpha` is per test: divide it by the number of tests for a corrected comparison.
    0 where it is significant already; None where nothing can be forecast, as with equal entries.

    >>> from gazebench.stats.comparison import Comparison
    >>> def of(d, p): return Comparison(
    ...     difference=d, interval=None, standard_error=0.1, p_value=p, n_clusters=100)
    >>> images_to_separate(of(0.1, 0.3), alpha=0.05)  # z alone: 100 (1.960 + 0.842)^2 - 100 = 685
    687
    >>> images_to_separate(of(0.3, 0.003), alpha=0.05), images_to_separate(of(0.0, 1.0), alpha=0.05)
    (0, None)

    Reference: Lachin, Controlled Clinical Trials 2 (1981).
    """
    if comparison.p_value <= alpha:
        return 0
    if comparison.difference == 0 or not comparison.standard_error > 0:
        return None
    effect = abs(comparison.difference) / comparison.standard_error
    n = comparison.n_clusters
    needed = n * ((ndtri(1 - alpha / 2) + ndtri(power)) / effect) ** 2
    if needed > LARGEST:
        return None
    total: int = max(math.ceil(needed), n + 1)
    while effect * math.sqrt(total / n) < _quantiles(alpha, power, total):
        total += 1
    return total - n


def _quantiles(alpha: float, power: float, total: int) -> float:
    return float(stdtrit(total - 1, 1 - alpha / 2) + stdtrit(total - 1, power))
