"""Agreement of map and reference, pixel by pixel: shared mass, correlation of ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.spec import REFERENCE, ScoredMap, Target


@metric(
    title="SIM",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=None,
    needs={REFERENCE},
    accuracy=1e-6,
    version=1,
    reference="Judd, Durand, Torralba, A benchmark of computational models of saliency to predict "
    "human fixations, MIT-CSAIL-TR-2012-001 (2012)",
)
def sim(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Sum over pixels of min(p, m), p the reference, m the map: the mass they share.

    The map is made a distribution: (S - min(S, 0)) / sum.
    """
    return scored.intersections(target.references)


@metric(
    title="Spearman",
    higher_is_better=True,
    range=(-1.0, 1.0),
    chance=0.0,
    needs={REFERENCE},
    version=1,
    reference="Spearman, The proof and measurement of association between two things, American "
    "Journal of Psychology 15(1):72-101 (1904); for maps Toet, Computational versus psychophysical "
    "bottom-up image saliency, IEEE TPAMI 33(11):2131-2146 (2011)",
)
def spearman(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Pearson's correlation of the ranks of map and reference, over all pixels.

    Ties take their mean rank. Only the map's order counts, so no conversion; undefined for a
    constant map.
    """
    return scored.rank_correlations(target.references)
