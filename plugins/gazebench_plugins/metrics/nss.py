"""Normalised scanpath saliency, plain and shuffled: the map's z-score where people looked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.spec import FIXATIONS, OTHER_FIXATIONS, Points, ScoredMap, Target

PETERS = (
    "Peters, Iyer, Itti, Koch, Components of bottom-up gaze allocation in natural images, Vision "
    "Research 45(18):2397-2416 (2005)"
)


@metric(
    title="NSS",
    higher_is_better=True,
    range=(-np.inf, np.inf),
    chance=0.0,
    needs={FIXATIONS},
    accuracy=1e-6,
    version=1,
    unit="standard deviations",
    reference=PETERS,
)
def nss(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Mean over fixations of (S - mean S) / std S, population std over all pixels.

    The map is used as it is. Every fixation counts once, however long; undefined for a constant
    map.
    """
    return _at_fixations(scored, target)


@metric(
    title="sNSS",
    higher_is_better=True,
    range=(-np.inf, np.inf),
    chance=0.0,
    needs={FIXATIONS, OTHER_FIXATIONS},
    accuracy=1e-6,
    version=1,
    unit="standard deviations",
    shuffled=True,
    reference=f"{PETERS}; the difference as sNCC, Bigolin Lanfredi et al., arXiv 2112.11716 (2021)",
)
def snss(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """NSS at the fixations minus NSS at the fixations of all other images, laid on this one.

    A map that follows the centre bias alone gains nothing by it. Undefined for a constant map.
    """
    assert target.other_fixations is not None, "the harness gives what the metric needs"
    return _at_fixations(scored, target) - z_score(scored, target.other_fixations)


def _at_fixations(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    return np.array([z_score(scored, points) for points in target.fixations])


def z_score(scored: ScoredMap, points: Points) -> float:
    """Return the mean z-score of a map at some pixels; NaN for a constant map."""
    if scored.is_constant:
        return float("nan")
    return float((scored.at(points).mean() - scored.mean) / scored.deviation)
