"""What the maps of one case are scored against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from gazebench.gaze.arrays import Densities, FixationDensity, Regions
from gazebench.scoring.known_density import KnownDensity
from gazebench.spec.capabilities import (
    CENTRE_BIAS,
    EXPLANATIONS,
    FIXATIONS,
    OTHER_FIXATIONS,
    REGIONS,
)
from gazebench.spec.values import Points, Size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """The references of one case: implements `gazebench.spec.contracts.Target`.

    Attributes:
        references: the reference density of every reading, [R, H, W], each summing to 1.
        centre_bias: the centre-bias density, [H, W], summing to 1; None where there is none.
        fixations: the pixels that the reference readings fixated, [R]; empty where nobody asks.
        other_fixations: the pixels fixated on all other images; None where there are none.
        regions: what at least half of the reference readers marked, [R]; empty where nobody asks.
    """

    size: Size
    references: Densities
    centre_bias: FixationDensity | None = None
    fixations: tuple[Points, ...] = ()
    other_fixations: Points | None = None
    regions: Regions = ()
    _known: tuple[KnownDensity, ...] = field(init=False)
    _known_bias: KnownDensity | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", tuple(KnownDensity(one) for one in self.references))
        bias = None if self.centre_bias is None else KnownDensity(self.centre_bias)
        object.__setattr__(self, "_known_bias", bias)

    @property
    def entropies(self) -> Float[np.ndarray, " readings"]:
        """The entropy of every reference, in nats, [R]."""
        return np.array([one.entropy for one in self._known])

    def known(self, densities: Densities) -> tuple[KnownDensity, ...] | None:
        """Return what is known about densities of this target; None for others."""
        if _is_same(densities, self.references):
            return self._known
        bias = self._known_bias
        if bias is not None and len(densities) == 1 and _is_same(densities[0], bias.density):
            return (bias,)
        return None

    def owns(self, array: np.ndarray) -> bool:
        """Say whether an array is the references, or the centre bias with or without an axis."""
        bias = self._known_bias
        of_bias = bias is not None and any(
            _is_same(array, one) for one in (bias.density, bias.density[None])
        )
        return of_bias or _is_same(array, self.references)

    def lacks(self, needs: frozenset[str], reading: int) -> str:
        """Say what of `needs` there is not for a reading; "" when nothing is missing."""
        missing = [need for need in sorted(needs) if not self._has(need, reading)]
        return "there is no " + " and no ".join(EXPLANATIONS[m] for m in missing) if missing else ""

    def only(self, readings: Sequence[int]) -> Target:
        """Return the target of some of the readings, sharing what is known about them."""
        if list(readings) == list(range(len(self.references))):
            return self
        first, count = readings[0], len(readings)
        is_run = list(readings) == list(range(first, first + count))
        chosen = Target(
            size=self.size,
            references=self.references[first : first + count]
            if is_run
            else self.references[list(readings)],
            centre_bias=self.centre_bias,
            fixations=tuple(self.fixations[r] for r in readings if self.fixations),
            other_fixations=self.other_fixations,
            regions=tuple(self.regions[r] for r in readings if self.regions),
        )
        object.__setattr__(chosen, "_known", tuple(self._known[r] for r in readings))
        object.__setattr__(chosen, "_known_bias", self._known_bias)
        return chosen

    def _has(self, need: str, reading: int) -> bool:
        if need == CENTRE_BIAS:
            return self.centre_bias is not None
        if need == FIXATIONS:
            return bool(self.fixations) and len(self.fixations[reading].rows) > 0
        if need == OTHER_FIXATIONS:
            return self.other_fixations is not None and len(self.other_fixations.rows) > 0
        if need == REGIONS:
            return bool(self.regions) and self.regions[reading] is not None
        return True


def _is_same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.ctypes.data == b.ctypes.data and a.shape == b.shape and a.strides == b.strides
