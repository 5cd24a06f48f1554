"""Holm's correction for many tests."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def holm(p_values: Float[np.ndarray, " test"]) -> Float[np.ndarray, " test"]:
    """Return adjusted p-values, in the same order; below alpha means significant in the family.

    With p_(1) <= ... <= p_(K): adjusted p_(k) = max over j <= k of min(1, (K - j + 1) p_(j)). The
    chance of any false rejection is at most alpha however the tests depend on each other. NaN is
    no test: it stays NaN and does not count.

    >>> import numpy as np
    >>> holm(np.array([0.25, 0.01, np.nan, 0.04])).tolist()
    [0.25, 0.03, nan, 0.08]

    Reference: Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p_values[order]), 1.0)
    return adjusted
