"""A coarse map and the image it is stretched over, without making the stretched map.

Bilinear upsampling is a linear map U from the grid g to the image: sum(p * U g) = sum(U^T p * g),
so one product with U^T serves every map on the same grid. U is separable into rows and columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Float32

from gazebench.gaze.blocks import block_means
from gazebench.gaze.resample import AxisMap, resample
from gazebench.spec.values import Points, Size


@dataclass(frozen=True, slots=True, eq=False)
class Upsampling:
    """How a grid [h, w] covers an image [H, W]; every pixel lies within the grid's extent.

    Attributes:
        weights: [h, w], what each value of the grid contributes to the sum over the image.
    """

    rows: AxisMap
    columns: AxisMap
    weights: Float[np.ndarray, "grid_height grid_width"] = field(init=False)

    def __post_init__(self) -> None:
        down, across = (a.adjoint(np.ones(len(a.lower))) for a in (self.rows, self.columns))
        object.__setattr__(self, "weights", np.outer(down, across))

    @property
    def size(self) -> Size:
        """The image's size."""
        return Size(len(self.rows.lower), len(self.columns.lower))

    def apply(
        self,
        grid: Float32[np.ndarray, "grid_height grid_width"],
        out: Float32[np.ndarray, "height width"] | None = None,
    ) -> Float32[np.ndarray, "height width"]:
        """Return U g, the map in image pixels."""
        native: Float32[np.ndarray, "height width"] = resample(
            grid, self.rows, self.columns, out=out
        )
        return native

    def adjoint(
        self, values: Float[np.ndarray, "height width"]
    ) -> Float[np.ndarray, "grid_height grid_width"]:
        """Return U^T of an array over the image, [h, w], in float64.

        >>> of = Upsampling(AxisMap.resizing(4, 2), AxisMap.resizing(2, 2))
        >>> of.adjoint(np.ones((4, 2))).tolist()
        [[2.0, 2.0], [2.0, 2.0]]
        """
        across = values @ _matrix(self.columns, values.dtype)
        down = _matrix(self.rows, np.dtype(np.float64))
        return np.asarray(down.T @ across.astype(np.float64))

    def block_means(
        self, grid: Float32[np.ndarray, "grid_height grid_width"], shape: tuple[int, int]
    ) -> Float[np.ndarray, "height width"]:
        """Return the means of U g over a grid of blocks, without making U g, in float64.

        >>> of = Upsampling(AxisMap.resizing(2, 1), AxisMap.resizing(4, 2))
        >>> of.block_means(np.array([[0, 4]], np.float32), (1, 2)).tolist()
        [[0.5, 3.5]]
        """
        down, across = _blocks(self.rows, shape[0]), _blocks(self.columns, shape[1])
        return np.asarray(down @ grid.astype(np.float64) @ across.T)

    def at(
        self, grid: Float32[np.ndarray, "grid_height grid_width"], points: Points
    ) -> Float[np.ndarray, " points"]:
        """Return the map's values at some pixels of the image, without the others."""
        rows, columns, wide = self.rows, self.columns, grid.astype(np.float64)
        down, across = rows.weight[points.rows], columns.weight[points.columns]
        left, right = columns.lower[points.columns], columns.upper[points.columns]

        def between(lines: np.ndarray) -> np.ndarray:
            return np.asarray((1.0 - across) * wide[lines, left] + across * wide[lines, right])

        upper, lower = between(rows.lower[points.rows]), between(rows.upper[points.rows])
        return np.asarray((1.0 - down) * upper + down * lower)

    def squares(self, grid: Float[np.ndarray, "grid_height grid_width"]) -> float:
        """Return the sum of squares over the image, g^T (U^T U) g, in float64."""
        vertical, horizontal = _gram(self.rows), _gram(self.columns)
        wide = grid.astype(np.float64)
        return float(np.sum(wide * (vertical @ wide @ horizontal)))


def _matrix(axis: AxisMap, dtype: np.dtype[np.floating]) -> Float[np.ndarray, "output source"]:
    """Return an axis map as a dense matrix."""
    matrix = np.zeros((len(axis.lower), axis.n_in))
    output = np.arange(len(axis.lower))
    matrix[output, axis.lower] = 1.0 - axis.weight
    matrix[output, axis.upper] += axis.weight
    return matrix.astype(dtype, copy=False)


def _blocks(axis: AxisMap, blocks: int) -> Float[np.ndarray, "block source"]:
    """Return an axis map followed by the mean over every block of output pixels."""
    return block_means(_matrix(axis, np.dtype(np.float64)), (blocks, axis.n_in))


def _gram(axis: AxisMap) -> Float[np.ndarray, "source source"]:
    matrix = _matrix(axis, np.dtype(np.float64))
    return np.asarray(matrix.T @ matrix)
