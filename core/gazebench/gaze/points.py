"""Fixations as points: the pixels that were looked at, and those looked at on other images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from gazebench.gaze.centre_bias import Registration
from gazebench.spec.values import Case, Fixations, Points, Size

Positions = Float[np.ndarray, "_ 2"]  # readings differ in how many fixations they have


def positions(fixations: Fixations) -> Positions:
    """Return where a reading's fixations are, (x, y) in image pixels, [F, 2]."""
    return np.stack([fixations.x, fixations.y], axis=1)


def points_of(where: Positions, size: Size) -> Points:
    """Return the pixels nearest to some positions; those off the image are left out.

    >>> points_of(np.array([[1.2, 0.0], [9.0, 0.0]]), Size(2, 3))
    Points(rows=array([0]), columns=array([1]))
    """
    columns, rows = np.rint(where).T
    inside = (rows >= 0) & (rows < size.height) & (columns >= 0) & (columns < size.width)
    return Points(rows[inside].astype(np.intp), columns[inside].astype(np.intp))


def reference_points(readings: Sequence[Positions], size: Size) -> tuple[Points, ...]:
    """Return, for every reading, the pixels that the others fixated, each fixation once.

    A single reading has no others: its points are its own fixations.
    """
    if len(readings) == 1:
        return (points_of(readings[0], size),)
    return tuple(
        points_of(np.concatenate([*readings[:index], *readings[index + 1 :]]), size)
        for index in range(len(readings))
    )


class OtherFixations:
    """Every fixation of a dataset, to be laid on any image as the centre bias is."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        self.placed: dict[str, Positions] = {}  # by case, on the canvas

    def add(self, case: Case, where: Positions) -> None:
        """Remember the fixations of a case, (x, y) in its pixels, [F, 2]."""
        self.placed[case.id] = self._registration.onto_canvas(where, case)

    def on(self, case: Case) -> Points:
        """Return the pixels of a case at which the other cases were fixated, chest box to box."""
        others = [placed for other, placed in self.placed.items() if other != case.id]
        if not others:
            return Points(np.empty(0, np.intp), np.empty(0, np.intp))
        return points_of(self._registration.off_canvas(np.concatenate(others), case), case.size)
