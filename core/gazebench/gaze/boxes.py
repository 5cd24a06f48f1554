"""Chest boxes: the mean over a case's readings, kept within the image."""

from __future__ import annotations

import math

from gazebench.spec.values import Box, Case, Size


def whole(size: Size) -> Box:
    """Return the box that covers an image.

    >>> whole(Size(2, 3))
    Box(xmin=0.0, ymin=0.0, xmax=3.0, ymax=2.0)
    """
    return Box(0.0, 0.0, float(size.width), float(size.height))


def clip(box: Box, size: Size) -> Box:
    """Return the part of a box that lies within an image; empty boxes have no positive extent.

    >>> clip(Box(-1.0, 0.5, 9.0, 2.0), Size(2, 3))
    Box(xmin=0.0, ymin=0.5, xmax=3.0, ymax=2.0)
    """
    return Box(
        max(box.xmin, 0.0),
        max(box.ymin, 0.0),
        min(box.xmax, float(size.width)),
        min(box.ymax, float(size.height)),
    )


def mean_chest_box(case: Case) -> Box | None:
    """Return the mean of each coordinate over the readings that have a chest box.

    None where no reading has one. The box may exceed the image.
    """
    known = [reading.chest_box for reading in case.readings if reading.chest_box is not None]
    if not known:
        return None
    return Box(*(math.fsum(coordinate) / len(known) for coordinate in zip(*known, strict=True)))


def registration_box(case: Case) -> Box:
    """Return what the centre bias aligns: the mean chest box within the image.

    The whole image where there is no chest box, or none of at least one pixel.
    """
    box = mean_chest_box(case)
    clipped = whole(case.size) if box is None else clip(box, case.size)
    return clipped if min(clipped.width, clipped.height) >= 1.0 else whole(case.size)
