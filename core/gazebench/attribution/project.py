"""From a map on the network's canvas back to image pixels: the exact inverse of the placement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap, resample
from gazebench.spec.geometry import Placement
from gazebench.spec.values import Size


def to_image(values: NDArray[np.floating], placement: Placement, size: Size) -> NDArray[np.float32]:
    """Return a map [h, w] that covers the canvas in image pixels, [H, W].

    Bilinear with half-pixel centres (protocol section 5: resize to the padded square and crop the
    padding away, done in one step and without rounding the aspect ratio). Pixels that the network
    never saw, because they were cropped, get the map's smallest value: nothing points at them.
    """
    rows, columns = _axes(values.shape, placement, size)
    grid = np.ascontiguousarray(values, np.float32)
    unseen = not (rows.inside.all() and columns.inside.all())
    return resample(grid, rows, columns, fill=float(grid.min()) if unseen else None)


def upsampling(shape: tuple[int, int], placement: Placement, size: Size) -> Upsampling | None:
    """Return the same as a linear map; None where the network never saw some of the image."""
    rows, columns = _axes(shape, placement, size)
    if not (rows.inside.all() and columns.inside.all()):
        return None
    return Upsampling(rows, columns)


def _axes(shape: tuple[int, ...], placement: Placement, size: Size) -> tuple[AxisMap, AxisMap]:
    height, width = shape
    return (
        _axis(size.height, height, placement.scaled.height, placement.top, placement.canvas[0]),
        _axis(size.width, width, placement.scaled.width, placement.left, placement.canvas[1]),
    )


def _axis(n_image: int, n_map: int, scaled: int, offset: int, canvas: int) -> AxisMap:
    """Return where image pixels lie on a map axis: image -> scaled image -> canvas -> map."""
    map_per_canvas = n_map / canvas
    return AxisMap.linear(
        n_image, n_map, scale=scaled / n_image * map_per_canvas, offset=offset * map_per_canvas
    )
