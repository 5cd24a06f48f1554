"""The convex chest region: the filled hull of a lung segmentation, or an ellipse in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazebench import floor
from gazebench.errors import DataError
from gazebench.spec import CHEST_BOX, Box, FloorContext, Size


@floor(
    needs={CHEST_BOX},
    title="Convex segmentation",
    reference="Bigolin Lanfredi et al., arXiv 2112.11716 (2021)",
)
def convex_segmentation(context: FloorContext, *, masks: str = "") -> NDArray[np.floating]:
    """Return 1 inside the convex chest region and 0 outside.

    `masks` is a folder of lung masks named <case id>.png, of the image's size, non-zero inside
    the lungs; the region is their filled convex hull. Without it the region is the ellipse
    inscribed in the mean chest box.

    Raises:
        DataError: a mask is missing, unreadable, empty or of another size; or there is neither a
            mask folder nor a chest box.
    """
    case = context.case
    if masks:
        return filled_hull(_read_mask(Path(masks) / f"{case.id}.png", case.size))
    if context.chest_box is None:
        raise DataError(
            f"case {case.id} has no chest box to put an ellipse in",
            do="give a folder of lung masks: convex_segmentation:masks=FOLDER",
        )
    return inscribed_ellipse(context.chest_box, case.size)


def filled_hull(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return 1 for pixels whose centre lies in the convex hull of the mask's pixels, else 0.

    A pixel counts as the diamond through the middles of its four sides, so a hull is never flat.

    >>> filled_hull(np.array([[True, False, True, False]])).tolist()
    [[1.0, 1.0, 1.0, 0.0]]
    """
    from scipy.spatial import ConvexHull  # 60 ms of import that listing plugins does without

    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    ends = np.concatenate([np.stack([rows, first], 1), np.stack([rows, last], 1)])
    diamond = np.array([[0.5, 0.0], [-0.5, 0.0], [0.0, 0.5], [0.0, -0.5]])
    hull = ConvexHull((ends[:, None, :] + diamond).reshape(-1, 2))
    start, stop = _row_intervals(hull.equations, mask.shape[0])
    column = np.arange(mask.shape[1])
    return ((start[:, None] <= column) & (column <= stop[:, None])).astype(np.float32)


def _row_intervals(
    half_planes: NDArray[np.float64], height: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where each row enters and leaves a * row + b * column + c <= 0, all (a, b, c)."""
    a, b, c = half_planes.T[:, :, None]
    room = 1e-9 - c - a * np.arange(height)
    is_level = np.abs(b) < 1e-12
    edge = room / np.where(is_level, 1.0, b)
    start = np.where((b < 0) & ~is_level, edge, -np.inf).max(axis=0)
    stop = np.where((b > 0) & ~is_level, edge, np.inf).min(axis=0)
    stop[((room < 0) & is_level).any(axis=0)] = -np.inf
    return start, stop


def inscribed_ellipse(box: Box, size: Size) -> NDArray[np.float32]:
    """Return 1 for pixels strictly inside the ellipse inscribed in `box`, else 0.

    >>> inscribed_ellipse(Box(0.0, 0.0, 2.0, 2.0), Size(3, 3)).tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    x = np.arange(size.width) - (box.xmin + box.xmax) / 2
    y = np.arange(size.height) - (box.ymin + box.ymax) / 2
    across, down = x * 2 / box.width, y[:, None] * 2 / box.height
    return (across**2 + down**2 < 1.0).astype(np.float32)


def _read_mask(path: Path, size: Size) -> NDArray[np.bool_]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            colours = picture.convert("RGB") if len(picture.getbands()) > 1 else picture
            mask: NDArray[np.bool_] = np.any(np.atleast_3d(np.asarray(colours)), axis=2)
    except (OSError, UnidentifiedImageError) as error:
        raise DataError(
            f"lung mask {path} is missing or cannot be read ({error})",
            do="give every case a mask named <case id>.png",
        ) from error
    if mask.shape != tuple(size):
        raise DataError(
            f"lung mask {path} is {mask.shape[1]} x {mask.shape[0]} pixels, its image "
            f"{size.width} x {size.height}",
            do="make the masks at the size of the stored images",
        )
    if not mask.any():
        raise DataError(
            f"lung mask {path} is empty: there is no region to fill",
            do="mark the lungs with non-zero pixels",
        )
    return mask
