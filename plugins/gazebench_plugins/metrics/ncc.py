"""NCC and shuffled NCC: correlation with the reference, and what is left of it beyond the bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.spec import CENTRE_BIAS, REFERENCE, ScoredMap, Target

PAPER = "Bigolin Lanfredi et al., arXiv 2112.11716 (2021)"


@metric(
    title="NCC",
    higher_is_better=True,
    range=(-1.0, 1.0),
    chance=0.0,
    needs={REFERENCE},
    accuracy=1e-6,
    version=1,
    reference=PAPER,
)
def ncc(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Normalised cross-correlation (Pearson; CC) of map and reference, over all pixels."""
    return scored.ncc(target.references)


@metric(
    title="sNCC",
    higher_is_better=True,
    range=(-2.0, 2.0),
    chance=0.0,
    needs={REFERENCE, CENTRE_BIAS},
    accuracy=1e-6,
    version=1,
    shuffled=True,
    reference=PAPER,
)
def sncc(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """NCC with the reference minus NCC with the centre bias."""
    assert target.centre_bias is not None, "the harness gives what the metric needs"
    return scored.ncc(target.references) - scored.ncc(target.centre_bias[None])
