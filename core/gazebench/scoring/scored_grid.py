"""A coarse saliency map, compared on its own grid wherever a metric is linear in it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32

from gazebench.gaze.arrays import Densities
from gazebench.gaze.buffers import Buffers
from gazebench.gaze.grid import Upsampling
from gazebench.scoring.correlation import Moments
from gazebench.scoring.known_density import KnownDensity
from gazebench.scoring.scored_map import ScoredMap, in_float32
from gazebench.scoring.target import Target
from gazebench.spec.values import Points


class ScoredGrid(ScoredMap):
    """A coarse map that an upsampling stretches over the image, stretched only where it has to be.

    Everything linear in the map (its moments, its correlation with a density, its values at points)
    is computed on the grid, through the upsampling's adjoint.
    """

    def __init__(
        self,
        grid: Float32[np.ndarray, "grid_height grid_width"],
        upsampling: Upsampling,
        target: Target | None = None,
        *,
        buffers: Buffers | None = None,
        exact: bool = False,
    ) -> None:
        """Take a grid that `upsampling` is for.

        Raises:
            ValueError: a value is not finite.
        """
        if not np.isfinite(grid).all():
            raise ValueError("a map with NaN or infinity cannot be scored")
        self._grid, self._upsampling = in_float32(grid), upsampling
        self._dense = None
        self._prepare(target, buffers, exact=exact)

    @property
    def values(self) -> Float32[np.ndarray, "height width"]:
        """The map in image pixels, float32, until the next map of the thread takes the memory."""

        def native() -> Float32[np.ndarray, "height width"]:
            out = self._buffers.take("map", tuple(self._upsampling.size), np.float32)
            return self._upsampling.apply(self._grid, out)

        return self._once("values", native)

    def at(self, points: Points) -> Float[np.ndarray, " points"]:
        """Return the map's values at some pixels, [P], in float64."""
        return self._upsampling.at(self._grid, points)

    @property
    def _pixels(self) -> int:
        height, width = self._upsampling.size
        return height * width

    @property
    def _moments(self) -> Moments:
        return self._once("moments", self._grid_moments)

    def _grid_moments(self) -> Moments:
        weights = self._upsampling.weights
        seen = self._grid[weights > 0.0]
        if (seen == seen[0]).all():
            return Moments(float(seen[0]), 0.0)
        mean = float(np.sum(weights * self._grid) / self._pixels)
        return Moments(mean, self._upsampling.squares(self._grid - mean))

    def _products(
        self,
        densities: Densities,  # noqa: ARG002 - what is known of them is enough
        known: tuple[KnownDensity, ...],
    ) -> Float[np.ndarray, " readings"]:
        centred = (self._grid - self.mean).ravel()
        return np.array([float(one.on_grid(self._upsampling).ravel() @ centred) for one in known])
