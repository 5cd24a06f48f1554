"""A saliency map ready to be compared, with what its metrics share."""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Float32, Num, UInt64

from gazebench.gaze.arrays import Densities, FixationDensity
from gazebench.scoring.auc import MidRanks
from gazebench.scoring.correlation import Moments, correlations, moments_of
from gazebench.scoring.ranks import mid_cdf, pixel_order

AnyMap: TypeAlias = Num[np.ndarray, "height width"] | Bool[np.ndarray, "height width"]


class ScoredMap:
    """A saliency map [H, W]: implements `gazebench.spec.contracts.ScoredMap`.

    Maps are scored in float32, whatever they come in: values that differ only beyond it are tied.
    Moments and the sort of the pixels are computed when first needed and shared by all metrics.
    """

    def __init__(self, values: AnyMap) -> None:
        """Take a map that `check_map` has nothing against.

        Raises:
            ValueError: a value is not finite.
        """
        self._values = in_float32(values)
        if not np.isfinite(self._moments.mean):
            raise ValueError("a map with NaN or infinity cannot be scored")

    @property
    def values(self) -> Float32[np.ndarray, "height width"]:
        """The map in float32."""
        return self._values

    @property
    def is_constant(self) -> bool:
        """Whether all pixels are equal, in float32."""
        return self._moments.squares == 0.0

    def ncc(self, densities: Densities) -> Float[np.ndarray, " readings"]:
        """Return the correlation with every density of [R, H, W]; NaN where undefined.

        >>> ScoredMap(np.array([[0, 1, 2]])).ncc(np.array([[[0.0, 0.5, 1.0]]])).tolist()
        [1.0]
        """
        return correlations(self._values, self._moments, densities)

    def ranks(self, negatives: FixationDensity | None) -> MidRanks:
        """Return the ranks under the density `negatives` [H, W], or under uniform negatives.

        >>> ScoredMap(np.array([[0, 1, 2, 3]])).ranks(None).values.tolist()
        [0.125, 0.375, 0.625, 0.875]
        """
        return MidRanks(values=mid_cdf(self._order, negatives))

    @cached_property
    def _moments(self) -> Moments:
        return moments_of(self._values)

    @cached_property
    def _order(self) -> UInt64[np.ndarray, " pixel"]:
        return pixel_order(self._values)


def in_float32(values: AnyMap) -> Float32[np.ndarray, "height width"]:
    """Return a map in float32, scaled by a power of two where float32 could not hold it.

    Every metric ignores a map's scale, so scaling loses nothing.

    >>> in_float32(np.array([[1.0, 2.0]])).tolist(), in_float32(np.array([[0.0, 2e300]])).dtype
    ([[1.0, 2.0]], dtype('float32'))
    """
    if values.dtype == np.float32:
        return np.ascontiguousarray(values)
    wide = np.ascontiguousarray(values, np.float64)
    largest = np.max(np.abs(wide), initial=0.0)
    exponent = int(np.frexp(largest)[1])
    if np.isfinite(largest) and not -60 < exponent <= 127:
        wide = np.ldexp(wide, -exponent)
    return wide.astype(np.float32)
