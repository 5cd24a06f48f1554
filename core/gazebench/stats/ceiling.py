"""How far towards the inter-observer ceiling a score reaches."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gazebench.spec.board import Interval
from gazebench.stats.estimate import Estimate, present_in_either

MEASURED_CHANCE = "uniform"  # the floor whose score is chance where a metric has no fixed one


def fraction_of_ceiling(
    score: Estimate, ceiling: Estimate, *, chance: float | Estimate
) -> Estimate:
    """Return (score - chance) / (ceiling - chance), never clipped.

    Numerator and denominator of a resample come from the same images, so what makes an image hard
    for readers and maps alike cancels. The same formula holds for lower-is-better metrics. A
    measured chance is an estimate from the same resamples.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> def of(point): return Estimate(point=point, resampled=np.empty(0), left_out=np.empty(0))
    >>> fraction_of_ceiling(of(0.625), of(0.75), chance=0.5).point
    0.5
    >>> fraction_of_ceiling(of(3.0), of(2.0), chance=of(5.0)).point  # lower is better
    0.6666666666666666
    """
    if isinstance(chance, Estimate):
        levels = chance.point, chance.resampled, chance.left_out
    else:
        levels = chance, np.array(chance), np.array(chance)
    point = _ratio(np.array(score.point), np.array(ceiling.point), np.array(levels[0]))
    return Estimate(
        point=float(point),
        resampled=_ratio(score.resampled, ceiling.resampled, levels[1]),
        left_out=_ratio(score.left_out, ceiling.left_out, levels[2]),
        present=present_in_either(score, ceiling),
    )


def why_no_fraction(
    ceiling: Interval | None, *, chance: float, higher_is_better: bool
) -> str | None:
    """Say why a fraction of this ceiling would mean nothing, or None when it does.

    >>> from gazebench.spec.board import Interval
    >>> why_no_fraction(Interval(low=-0.01, high=0.05), chance=0.0, higher_is_better=True)
    "the ceiling's interval [-0.010, 0.050] includes chance (0)"
    """
    if ceiling is None:
        return "the ceiling has no interval"
    bounds = f"[{ceiling.low:.3f}, {ceiling.high:.3f}]"
    if ceiling.low <= chance <= ceiling.high:
        return f"the ceiling's interval {bounds} includes chance ({chance:g})"
    if (ceiling.low > chance) != higher_is_better:
        return f"the ceiling's interval {bounds} is worse than chance ({chance:g})"
    return None


def why_not_above_measured(above: Interval | None, *, higher_is_better: bool) -> str | None:
    """Say the same where chance is measured; `above` is the interval of ceiling - chance.

    >>> from gazebench.spec.board import Interval
    >>> why_not_above_measured(Interval(low=-0.5, high=0.05), higher_is_better=False)
    "the ceiling's difference from chance (the floor uniform), [-0.500, 0.050], includes 0"
    """
    if above is None:
        return "the ceiling has no interval"
    said = f"the ceiling's difference from chance (the floor {MEASURED_CHANCE}), "
    said += f"[{above.low:.3f}, {above.high:.3f}], "
    if above.low <= 0 <= above.high:
        return said + "includes 0"
    if (above.low > 0) != higher_is_better:
        return said + "is to the worse"
    return None


def _ratio(
    score: Float[np.ndarray, "*shape"],
    ceiling: Float[np.ndarray, "*shape"],
    chance: Float[np.ndarray, "*#shape"],
) -> Float[np.ndarray, "*shape"]:
    above = ceiling - chance
    if above.all():
        return np.asarray((score - chance) / above)
    fraction = np.full(above.shape, np.nan)
    np.divide(score - chance, above, out=fraction, where=above != 0)
    return fraction
