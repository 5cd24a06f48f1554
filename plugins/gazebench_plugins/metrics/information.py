"""What a map tells about gaze, in nats and bits: KL divergence, information gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.errors import PluginError
from gazebench.spec import CENTRE_BIAS, FIXATIONS, REFERENCE, Points, ScoredMap, Target

EPSILON = 2.220446e-16  # MATLAB's eps, as in the MIT saliency benchmark's code


@metric(
    title="KL",
    higher_is_better=False,
    range=(0.0, np.inf),
    chance=None,
    needs={REFERENCE},
    accuracy=2e-5,
    version=1,
    unit="nats",
    reference="Bylinskii, Judd, Oliva, Torralba, Durand, What do different evaluation metrics tell "
    "us about saliency models?, IEEE TPAMI 41(3):740-757 (2019)",
)
def kl(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """KL divergence: sum over pixels of p (log p - log(m + eps)), p the reference, m the map.

    The map is made a distribution: (S - min(S, 0)) / sum. `eps` is 2.2e-16, so a zero where people
    looked costs up to 36 nats per unit of mass: maps with zeros are punished hard. 0 where rounding
    would leave less.
    """
    found = scored.cross_entropies(target.references, EPSILON) - target.entropies
    return np.maximum(found, 0.0)


@metric(
    title="IG",
    higher_is_better=True,
    range=(-np.inf, np.inf),
    chance=0.0,
    needs={FIXATIONS, CENTRE_BIAS},
    accuracy=2e-5,
    version=1,
    unit="bits per fixation",
    shuffled=True,
    reference="Kümmerer, Wallis, Bethge, Information-theoretic model comparison unifies saliency "
    "metrics, PNAS 112(52):16054-16059 (2015)",
)
def ig(scored: ScoredMap, target: Target, *, mix: float = 0.01) -> NDArray[np.float64]:
    """Information gain over the centre bias: mean over fixations of log2(m / q).

    m is the map made a distribution, (S - min(S, 0)) / sum, and q the centre bias. Both are mixed
    with a share `mix` of the uniform distribution, (1 - mix) m + mix / pixels, so that a zero
    costs a bounded price. 0 is what the centre bias itself gets. A map that was not made as a
    density is judged as if it had been; the literature fits a conversion first.

    Raises:
        PluginError: `mix` is not between 0 and 1.
    """
    if not 0.0 < mix < 1.0:
        raise PluginError(
            f"a share of {mix:g} cannot be mixed in", do="use ig:mix=SHARE, above 0 and below 1"
        )
    assert target.centre_bias is not None, "the harness gives what the metric needs"
    both = scored.distribution, target.centre_bias
    return np.array([_gain(*both, points, mix) for points in target.fixations])


def _gain(
    density: NDArray[np.floating], bias: NDArray[np.floating], points: Points, mix: float
) -> float:
    mixed = (
        (1.0 - mix) * one[points.rows, points.columns].astype(np.float64) + mix / one.size
        for one in (density, bias)
    )
    own, theirs = mixed
    return float(np.log2(own / theirs).mean())
