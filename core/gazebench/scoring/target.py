"""What the maps of one case are scored against."""

from __future__ import annotations

from dataclasses import dataclass

from gazebench.gaze.arrays import Densities, FixationDensity
from gazebench.spec.values import Size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """The references of one case: implements `gazebench.spec.contracts.Target`.

    Attributes:
        references: the reference density of every reading, [R, H, W], each summing to 1.
        centre_bias: the centre-bias density, [H, W], summing to 1; None where there is none.
    """

    size: Size
    references: Densities
    centre_bias: FixationDensity | None = None
