"""The area under the ROC curve as an expectation, not as a sample.

Positives are pixels drawn from a density p, negatives pixels drawn from a density q (uniform, or
the centre bias for the shuffled AUC); a pixel's score is the map's value S:

    AUC(p, S; q) = P(S+ > S-) + P(S+ = S-) / 2 = sum_pixels p * F_q(S)

with the mid-distribution function F_q of `gazebench.scoring.ranks`.

Reference: protocol section 4; Mann and Whitney (1947) for the identity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gazebench.gaze.arrays import Densities
from gazebench.scoring.kernels import expectations


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MidRanks:
    """A map's mid-distribution function at its own pixels, [H * W], each in [0, 1]."""

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
