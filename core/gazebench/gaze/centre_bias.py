"""The centre bias: a dataset's average density, registered through the chest boxes.

Every density is resized so that its chest box has the average size, and laid on a common canvas
with the boxes on top of each other; the average of what covers each canvas pixel, brought back to
an image, is that image's centre bias.

Reference: protocol section 3; Bigolin Lanfredi et al., arXiv 2112.11716 (2021).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int32

from gazebench.gaze.arrays import Densities, FixationDensity
from gazebench.gaze.boxes import registration_box
from gazebench.gaze.buffers import Buffers
from gazebench.gaze.density import NoDensityError
from gazebench.gaze.kernels import bilinear_form, mean_without, weighted_sum
from gazebench.gaze.resample import AxisMap, resample
from gazebench.spec.values import Case, Size


class Span(NamedTuple):
    """A chest box along one axis: where it starts, how long it is, and how long the image is."""

    start: float
    length: float
    image: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of the canvas: the average box with the largest scaled margins around it.

    `box` is the average box length, `before` and `after` the margins; all in canvas pixels.
    """

    box: float
    before: float
    after: float

    @classmethod
    def from_spans(cls, spans: Sequence[Span]) -> Axis:
        """Return the axis whose margins have room for every span, scaled to the average box.

        >>> Axis.from_spans([Span(1.0, 2.0, 4), Span(0.0, 4.0, 6)])
        Axis(box=3.0, before=1.5, after=1.5)
        """
        box = math.fsum(span.length for span in spans) / len(spans)
        return cls(
            box=box,
            before=max(span.start * box / span.length for span in spans),
            after=max((s.image - s.start - s.length) * box / s.length for s in spans),
        )

    @property
    def length(self) -> int:
        """Length of the canvas in whole pixels."""
        return math.ceil(self.before + self.box + self.after)

    def offset(self, span: Span) -> int:
        """Return the canvas pixel at which the scaled image begins; ties round to even."""
        return round(self.before - span.start * self.box / span.length)

    def onto(self, span: Span) -> AxisMap:
        """Return the map from an image axis to its own length at the canvas's scale."""
        return AxisMap.resizing(max(round(span.image * self.box / span.length), 1), span.image)

    def back(self, span: Span) -> AxisMap:
        """Return the map from the canvas to an image axis: resized as a whole, then cropped."""
        ratio = span.length / self.box
        scale = self.length / max(round(self.length * ratio), 1)
        crop = round(self.before * ratio - span.start)
        return AxisMap.linear(span.image, self.length, scale=scale, offset=crop * scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """How the images of a dataset lie on the common canvas.

    The geometry is that of all the cases, whichever of them are averaged later.
    """

    rows: Axis
    columns: Axis

    @classmethod
    def from_cases(cls, cases: Sequence[Case]) -> Registration:
        """Return the registration by every case's mean chest box, each case counting once.

        A case without a chest box is registered by its whole image.
        """
        spans = [_spans(case) for case in cases]
        return cls(
            rows=Axis.from_spans([rows for rows, _ in spans]),
            columns=Axis.from_spans([columns for _, columns in spans]),
        )

    @property
    def canvas(self) -> Size:
        """Size of the canvas."""
        return Size(self.rows.length, self.columns.length)

    def register(
        self,
        density: Float[np.ndarray, "from_height from_width"],
        from_case: Case,
        to_case: Case,
    ) -> FixationDensity:
        """Return a density of one case moved to another, chest box onto chest box, summing to 1.

        Raises:
            NoDensityError: nothing of it lands on the image.
        """
        axes = [
            _between(source, target)
            for source, target in zip(_spans(from_case), _spans(to_case), strict=True)
        ]
        moved = resample(density, *axes, fill=0.0)
        return _normalised(moved, f"moving a density from case {from_case.id} to {to_case.id}")

    def onto_canvas(
        self, positions: Float[np.ndarray, "points 2"], case: Case
    ) -> Float[np.ndarray, "points 2"]:
        """Return where (x, y) in a case's pixels lies on the canvas, without rounding."""
        scale, shift = self._affine(case)
        return np.asarray((positions + 0.5) * scale + shift)

    def off_canvas(
        self, placed: Float[np.ndarray, "points 2"], case: Case
    ) -> Float[np.ndarray, "points 2"]:
        """Return where a place on the canvas lies in a case's pixels, (x, y)."""
        scale, shift = self._affine(case)
        return np.asarray((placed - shift) / scale - 0.5)

    def _affine(self, case: Case) -> tuple[Float[np.ndarray, " 2"], Float[np.ndarray, " 2"]]:
        """Return scale and shift of x and y from the edges of a case's pixels to the canvas."""
        rows, columns = _spans(case)
        pairs = (self.columns, columns), (self.rows, rows)
        scale = np.array([axis.box / span.length for axis, span in pairs])
        start = np.array([span.start for _, span in pairs])
        return scale, np.array([axis.before for axis, _ in pairs]) - start * scale


class CentreBiasSums:
    """Running sums over a dataset's densities, in float64; memory does not grow with the cases."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        self._sum = np.zeros(registration.canvas)
        self._count = np.zeros(registration.canvas, np.int32)

    @classmethod
    def restored(
        cls,
        registration: Registration,
        total: Float[np.ndarray, "height width"],
        count: Int32[np.ndarray, "height width"],
    ) -> CentreBiasSums:
        """Return sums that were kept: see `total` and `count`."""
        sums = cls(registration)
        sums._sum, sums._count = total, count
        return sums

    @property
    def total(self) -> Float[np.ndarray, "height width"]:
        """The sum on the canvas."""
        return self._sum

    @property
    def count(self) -> Int32[np.ndarray, "height width"]:
        """How many densities were added, on the canvas."""
        return self._count

    def add(self, case: Case, densities: Densities, buffers: Buffers | None = None) -> None:
        """Add the densities of a case, [R, H, W]; sums depend on the order of calls by rounding."""
        placed = self._place(case, densities, buffers or Buffers())
        (top, left), (height, width) = placed.corner, placed.values.shape
        where = slice(top, top + height), slice(left, left + width)
        self._sum[where] += placed.values
        self._count[where] += len(densities)

    def density(
        self,
        case: Case,
        own_densities: Densities | None = None,
        buffers: Buffers | None = None,
    ) -> FixationDensity:
        """Return the centre bias of a case, [H, W], summing to 1; 0 where nothing was averaged.

        Without `own_densities`, by the paper's recipe: the average over everything added. With
        them, leaving the image out: its contribution is subtracted from the sums, so they must
        equal what was added. The result lies in `buffers` where they are given, until the next.

        Raises:
            NoDensityError: nothing is left to average over.
        """
        memory = buffers or Buffers()
        placed, n_own = _Placed(np.empty((0, 0)), (0, 0)), 0
        if own_densities is not None:
            placed, n_own = self._place(case, own_densities, memory), len(own_densities)
        mean = memory.take("canvas", self._sum.shape, np.float64)
        mean_without(self._sum, self._count, placed.values, n_own, placed.corner, mean)
        rows, columns = _spans(case)
        axes = self._registration.rows.back(rows), self._registration.columns.back(columns)
        out = memory.take("centre bias", tuple(case.size), np.float64)
        back = resample(mean, *axes, fill=0.0, out=out)
        return _normalised(back, f"the centre bias of case {case.id}")

    def _place(self, case: Case, densities: Densities, buffers: Buffers) -> _Placed:
        """Return the sum of the case's resized densities, each normalised, and where it goes.

        Resizing is linear: the sum of a resized density is u^T density v, and the densities can be
        added up before they are resized.
        """
        frame = self._registration
        rows, columns = _spans(case)
        to_rows, to_columns = frame.rows.onto(rows), frame.columns.onto(columns)
        u, v = (axis.adjoint(np.ones(len(axis.lower))) for axis in (to_rows, to_columns))
        sums = np.array([bilinear_form(u, density, v) for density in densities])
        total = buffers.take("total", tuple(case.size), np.float64)
        shares = np.divide(1.0, sums, where=sums > 0.0, out=np.zeros_like(sums))
        weighted_sum(densities, shares, total)
        shape = len(to_rows.lower), len(to_columns.lower)
        out = buffers.take("resized", shape, np.float64)
        resized = resample(total, to_rows, to_columns, out=out)
        # Rounding may push an image past the canvas by one pixel.
        top, left = frame.rows.offset(rows), frame.columns.offset(columns)
        fitting = resized[: frame.canvas.height - top, : frame.canvas.width - left]
        return _Placed(np.ascontiguousarray(fitting), (top, left))


class _Placed(NamedTuple):
    """A sum of densities at the canvas's scale, and the canvas pixel of its first one."""

    values: Float[np.ndarray, "height width"]
    corner: tuple[int, int]


def _spans(case: Case) -> tuple[Span, Span]:
    """Return the case's box along the rows and along the columns."""
    box = registration_box(case)
    return (
        Span(box.ymin, box.height, case.size.height),
        Span(box.xmin, box.width, case.size.width),
    )


def _between(source: Span, target: Span) -> AxisMap:
    scale = source.length / target.length
    offset = source.start - target.start * scale
    return AxisMap.linear(target.image, source.image, scale=scale, offset=offset)


def _normalised(density: FixationDensity, what: str) -> FixationDensity:
    total = density.sum(dtype=np.float64)
    if not total > 0.0:
        raise NoDensityError(
            f"{what}: no gaze is left to average over",
            do="a centre bias needs at least two images with gaze on them",
        )
    density /= total
    return density
