"""AUC and shuffled AUC, exact: expectations over densities instead of sampled pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.spec import CENTRE_BIAS, REFERENCE, ScoredMap, Target

PAPER = "Bigolin Lanfredi et al., arXiv 2112.11716 (2021)"


@metric(
    title="AUC",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=0.5,
    needs={REFERENCE},
    accuracy=1.1e-5,
    version=1,
    reference=PAPER,
)
def auc(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """P(S+ > S-) + P(S+ = S-)/2, positives from the reference, negatives uniform."""
    return scored.ranks(None).auc(target.references)


@metric(
    title="sAUC",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=0.5,
    needs={REFERENCE, CENTRE_BIAS},
    accuracy=1.1e-5,
    version=1,
    shuffled=True,
    reference=PAPER,
)
def sauc(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """AUC with the negatives drawn from the centre bias instead."""
    assert target.centre_bias is not None, "the harness gives what the metric needs"
    return scored.ranks(target.centre_bias).auc(target.references)
