"""The area under the ROC curve as an expectation, not as a sample.

Positives are pixels drawn from a density p, negatives pixels drawn from a density q (uniform, or
the centre bias for the shuffled AUC); a pixel's score is the map's value S:

    AUC(p, S; q) = P(S+ > S-) + P(S+ = S-) / 2 = sum_pixels p * F_q(S)

with the mid-distribution function F_q, exact from `gazebench.scoring.ranks` or bounded from
`gazebench.scoring.histogram`.

Reference: protocol section 4; Mann and Whitney (1947) for the identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gazebench.gaze.arrays import Densities
from gazebench.scoring.histogram import ERROR
from gazebench.scoring.kernels import expectations

TOLERANCE = 1e-5  # a certificate above it makes the score be computed again, exactly
EXACT = 1e-12  # what is left of rounding where everything is float64
ROUNDING = 1e-6  # of float32 sums over one block; typically 1e-8, 3e-7 where all pixels are tied


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MidRanks:
    """A map's mid-distribution function at its own pixels, [H * W], each in [0, 1]: exact."""

    values: Float[np.ndarray, " pixel"]

    def auc(self, positives: Densities) -> Float[np.ndarray, " readings"]:
        """Return the AUC of every density of `positives` [R, H, W], each in [0, 1].

        >>> MidRanks(values=np.array([0.25, 0.75])).auc(np.array([[[0.5, 0.5]], [[0.0, 1.0]]]))
        array([0.5 , 0.75])
        """
        stack = np.ascontiguousarray(positives).reshape(len(positives), -1)
        assert stack.shape[1] == self.values.size, "the densities are for another image"
        out = np.empty(len(stack))
        expectations(self.values, stack, out)
        return out

    def certificates(self, positives: Densities) -> Float[np.ndarray, " readings"]:
        """Return the most that each AUC can be off: rounding of float64 sums."""
        return np.full(len(positives), EXACT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinnedRanks:
    """The same from a histogram; a score whose certificate is too large is computed exactly.

    `column` is the negatives' in what `expectations` returns: [R, 3], see `RankHistogram`.
    """

    column: int
    expectations: Callable[[Densities], Float[np.ndarray, "readings 3"]]
    exact: Callable[[], MidRanks]

    def auc(self, positives: Densities) -> Float[np.ndarray, " readings"]:
        """Return the AUC of every density of `positives` [R, H, W], each in [0, 1]."""
        found = self.expectations(positives)
        if (found[:, ERROR] > TOLERANCE).any():
            return self.exact().auc(positives)
        return np.asarray(np.clip(found[:, self.column], 0.0, 1.0))

    def certificates(self, positives: Densities) -> Float[np.ndarray, " readings"]:
        """Return the most that each AUC can be off: binning and rounding."""
        bounds = self.expectations(positives)[:, ERROR]
        exact = bool((bounds > TOLERANCE).any())
        return np.full(len(bounds), EXACT) if exact else bounds + ROUNDING
