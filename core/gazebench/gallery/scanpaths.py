"""A reading's fixations as they are drawn: numbered circles in time order."""

from __future__ import annotations

from dataclasses import dataclass

from gazebench.gallery.paint import Canvas
from gazebench.spec.values import Fixations

LARGEST = 26.0  # radius of the longest fixation, in pixels of the picture
SMALLEST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One fixation on a picture.

    Attributes:
        x: in pixels of the picture; may lie outside.
        y: the same downwards.
        radius: its area grows with the duration.
        start_s: seconds from the first fixation's start.
        duration_s: how long the eyes stayed.
    """

    number: int
    x: float
    y: float
    radius: float
    start_s: float
    duration_s: float


def stops(fixations: Fixations, canvas: Canvas) -> tuple[Stop, ...]:
    """Return a reading's fixations on a picture, in time order."""
    if not len(fixations):
        return ()
    durations = (fixations.end_s - fixations.start_s).tolist()
    longest = max(durations) or 1.0
    first = float(fixations.start_s.min())
    found = []
    for number, (x, y, start, duration) in enumerate(
        zip(fixations.x, fixations.y, fixations.start_s, durations, strict=True), 1
    ):
        across, down = canvas.at(float(x), float(y))
        found.append(
            Stop(
                number=number,
                x=across,
                y=down,
                radius=round(max(LARGEST * (duration / longest) ** 0.5, SMALLEST), 1),
                start_s=round(float(start) - first, 3),
                duration_s=round(duration, 3),
            )
        )
    return tuple(found)
