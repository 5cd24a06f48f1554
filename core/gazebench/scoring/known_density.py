"""What every map of a case asks about the densities it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float

from gazebench.gaze.arrays import FixationDensity
from gazebench.gaze.grid import Upsampling
from gazebench.scoring.correlation import Moments, moments_of
from gazebench.scoring.histogram import all_mid_ranks
from gazebench.scoring.kernels import total

T = TypeVar("T")
AT_ONCE = 2**16  # pixels whose logarithms are held at a time


class KnownDensity:
    """One density [H, W] with its moments, entropy and ranks.

    Each is computed when first asked for; threads that ask together wait for one computation.
    """

    def __init__(self, density: FixationDensity) -> None:
        self.density = np.ascontiguousarray(density)
        self._lock = RLock()
        self._found: dict[Hashable, Any] = {}

    @property
    def total(self) -> float:
        """The sum over all pixels, 1 up to rounding."""
        return self._once("total", lambda: float(total(self.density.ravel())))

    @property
    def moments(self) -> Moments:
        """Mean and squared distances from it."""
        return self._once("moments", lambda: moments_of(self.density))

    @property
    def entropy(self) -> float:
        """-sum(p log p) in nats, of the density divided by its sum."""
        return self._once("entropy", self._entropy)

    @property
    def ranks(self) -> Float[np.ndarray, " pixel"]:
        """(Pixels below + half the pixels tied) / pixels, of every pixel, in float32."""
        return self._once(
            "ranks", lambda: all_mid_ranks(self.density.astype(np.float32, copy=False))
        )

    @property
    def rank_moments(self) -> Moments:
        """The moments of the ranks."""
        return self._once("rank moments", lambda: moments_of(self.ranks))

    def on_grid(self, upsampling: Upsampling) -> Float[np.ndarray, "grid_height grid_width"]:
        """Return what each value of a coarse map contributes to sum((density - mean) * map)."""

        def adjoint() -> Float[np.ndarray, "grid_height grid_width"]:
            return upsampling.adjoint(self.density) - self.moments.mean * upsampling.weights

        return self._once(upsampling, adjoint)

    def _entropy(self) -> float:
        flat, found = self.density.ravel(), 0.0
        for start in range(0, flat.size, AT_ONCE):
            block = flat[start : start + AT_ONCE].astype(np.float64)
            block = block[block > 0.0] / self.total
            found -= float(block @ np.log(block))
        return found

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._found:
                self._found[key] = make()
            found: T = self._found[key]
            return found
