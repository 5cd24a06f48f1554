"""AUCs of fixation points: how well the map tells fixated pixels from others, exact.

An area under the ROC curve is P(S+ > S-) + P(S+ = S-)/2 for a positive and a negative drawn at
random: a sum of the positives' mid-ranks among the negatives. Nothing is sampled, jittered or
thresholded, so the random splits and threshold grids of the literature's code are replaced by what
they estimate. Only the map's order counts, so no conversion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.spec import FIXATIONS, OTHER_FIXATIONS, Points, ScoredMap, Size, Target


@metric(
    title="AUC-Judd",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=0.5,
    needs={FIXATIONS},
    version=1,
    reference="Judd, Ehinger, Durand, Torralba, Learning to predict where humans look, ICCV (2009)",
)
def auc_judd(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """P(S+ > S-) + P(S+ = S-)/2, positives the fixated pixels (each once), negatives all others.

    The full ROC curve; the original puts thresholds at fixated values only, which adds at most half
    the step between two of them. Undefined where every pixel is fixated.
    """
    return np.array([_judd(scored, points, target.size) for points in target.fixations])


@metric(
    title="AUC-Borji",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=0.5,
    needs={FIXATIONS},
    version=1,
    reference="Borji, Sihite, Itti, Quantitative analysis of human-model agreement in visual "
    "saliency modeling, IEEE Transactions on Image Processing 22(1):55-69 (2013)",
)
def auc_borji(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """P(S+ > S-) + P(S+ = S-)/2, positives every fixation, negatives uniform over all pixels.

    What the original estimates by averaging over random sets of negatives.
    """
    return np.array([scored.mid_ranks(points).mean() for points in target.fixations])


@metric(
    title="sAUC (fixations)",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=0.5,
    needs={FIXATIONS, OTHER_FIXATIONS},
    version=1,
    shuffled=True,
    reference="Tatler, Baddeley, Gilchrist, Visual correlates of fixation selection, Vision "
    "Research 45(5):643-659 (2005); Zhang, Tong, Marks, Shan, Cottrell, SUN: a Bayesian framework "
    "for saliency using natural statistics, Journal of Vision 8(7):32 (2008)",
)
def sauc_fixation(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """P(S+ > S-) + P(S+ = S-)/2, positives every fixation, negatives all other images' fixations.

    The other images' fixations are laid on this one as the centre bias is; all of them are used,
    where the original draws some.
    """
    assert target.other_fixations is not None, "the harness gives what the metric needs"
    negatives = np.sort(scored.at(target.other_fixations))
    return np.array([_auc(scored.at(points), negatives) for points in target.fixations])


def _judd(scored: ScoredMap, points: Points, size: Size) -> float:
    pixels, fixated = size.height * size.width, _each_once(points, size)
    count = len(fixated.rows)
    if count == pixels:
        return float("nan")
    # Mid-ranks count pairs with all pixels; those of two fixated pixels make count² / 2.
    pairs = pixels * scored.mid_ranks(fixated).sum() - count**2 / 2
    return float(pairs / (count * (pixels - count)))


def _each_once(points: Points, size: Size) -> Points:
    pixels = np.unique(points.rows * size.width + points.columns)
    return Points(*np.divmod(pixels, size.width))


def _auc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float:
    """Return the AUC of values against ascending negatives."""
    below = np.searchsorted(negatives, positives, "left")
    upto = np.searchsorted(negatives, positives, "right")
    return float((below + upto).mean() / (2 * len(negatives)))
