"""Whether fixations lie where they can: tables with exchanged axes or other units are told here."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

import numpy as np
from jaxtyping import Bool, Float

from gazebench.errors import DataError
from gazebench.spec.contracts import OpenDataset
from gazebench.spec.values import Box, Case, Fixations, Reading, Size

LEAST = 50  # fixations, before anything is concluded from where they lie
TELLING = 0.02  # of the fixations off their images, from which exchanged axes are looked for
AS_IT_SHOULD_BE = 0.25  # of those still off with x and y exchanged: who looks aside looks to both
UNITS_OF_IMAGES = 0.95  # of the fixations within the first pixel: they are parts of the image
LEAST_MARKED = 10  # readings with marks, before anything is concluded from these
STANDARD_ERRORS = 4.0  # by which exchanged axes hit the readers' own marks more often, to be told

Coordinates = Float[np.ndarray, " fixations"]


class Whereabouts:
    """Counts over a whole dataset how many fixations lie on their images, and how many would."""

    def __init__(self) -> None:
        self._all = 0
        self._off = 0
        self._off_exchanged = 0
        self._in_first_pixel = 0
        self._gains: list[float] = []  # of marks hit, by exchanging, one per reading with marks

    def add(self, fixations: Fixations, case: Case, reading: Reading) -> None:
        """Count the fixations of one reading of a case."""
        x, y = fixations.x, fixations.y
        self._all += len(fixations)
        self._off += _off(x, y, case.size)
        self._off_exchanged += _off(y, x, case.size)
        self._in_first_pixel += int(np.count_nonzero((x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)))
        marks = [*(one.box for one in reading.ellipses), *(one.box for one in reading.boxes)]
        if marks and len(fixations):
            gain = np.mean(_within(y, x, marks)) - np.mean(_within(x, y, marks))
            self._gains.append(float(gain))

    def check(self) -> None:
        """Refuse fixations that cannot be pixels of their images, x to the right and y down.

        Exchanged axes are told by fixations off the image that would lie on it, and by readers who
        missed what they marked themselves, but would have looked at it. On square images without
        marks they cannot be told.

        Raises:
            DataError: x and y are exchanged, the unit is another, or most fixations lie off
                their images.
        """
        if self._all < LEAST:
            return
        if self._in_first_pixel > UNITS_OF_IMAGES * self._all:
            raise DataError(
                f"{self._share(self._in_first_pixel)} of the {self._all} fixations lie within the "
                "first pixel: they look like parts of the image",
                do="give x and y in pixels of the image: multiply by its width and height",
            )
        if why := self._why_exchanged():
            raise DataError(
                f"x and y of the fixations look exchanged: {why}",
                do="exchange the two columns: x goes to the right, y down",
            )
        if 2 * self._off > self._all:
            raise DataError(
                f"{self._share(self._off)} of the {self._all} fixations lie off their images",
                do="give x and y in pixels of the image as it is stored, from its upper left "
                "corner, not of the screen or of a resized copy",
            )

    def _why_exchanged(self) -> str:
        """Return what speaks for it; empty where nothing does."""
        if self._off > TELLING * self._all and self._off_exchanged <= AS_IT_SHOULD_BE * self._off:
            return (
                f"{self._share(self._off)} of {self._all} lie off their images, with x and y "
                f"exchanged {self._share(self._off_exchanged)}"
            )
        readings = len(self._gains)
        if readings < LEAST_MARKED:
            return ""
        mean, spread = float(np.mean(self._gains)), float(np.std(self._gains, ddof=1))
        if mean <= 0 or mean <= STANDARD_ERRORS * spread / sqrt(readings):
            return ""
        return (
            f"exchanged, {100 * mean:.1f} percentage points more of them would lie on what their "
            f"readers marked (mean of {readings} readings)"
        )

    def _share(self, count: int) -> str:
        return f"{100 * count / self._all:.1f} %"


def check_gaze(dataset: OpenDataset) -> None:
    """Refuse a dataset whose fixations cannot be pixels of its images.

    Raises:
        NoGazeError: nobody tracked eyes.
        DataError: as `Whereabouts.check`, or a file is missing or malformed.
    """
    whereabouts = Whereabouts()
    for case in dataset.cases():
        for reading in case.readings:
            whereabouts.add(dataset.fixations(case, reading), case, reading)
    whereabouts.check()


def _off(x: Coordinates, y: Coordinates, size: Size) -> int:
    return len(x) - int(np.count_nonzero(_within(x, y, [Box(0, 0, size.width, size.height)])))


def _within(x: Coordinates, y: Coordinates, boxes: Iterable[Box]) -> Bool[np.ndarray, " fixations"]:
    """Say which fixations lie in any of the boxes."""
    inside = np.zeros(len(x), np.bool_)
    for box in boxes:
        inside |= (x >= box.xmin) & (x < box.xmax) & (y >= box.ymin) & (y < box.ymax)
    return inside
