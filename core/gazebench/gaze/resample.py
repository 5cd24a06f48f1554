"""Bilinear resampling between axis-aligned grids, with half-pixel centres.

Output pixel r lies at source position (r + 0.5) * scale + offset - 0.5, where integers are the
centres of source pixels; positions beyond the outermost centres take the outermost value. With
offset 0 and scale = n_in / n_out this is OpenCV's INTER_LINEAR and torch's `interpolate(...,
mode="bilinear", align_corners=False, antialias=False)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from gazebench.gaze.kernels import resample_rows
from gazebench.spec.values import Size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AxisMap:
    """Where the pixels of one output axis lie on the source axis.

    The value at output pixel r is (1 - weight[r]) * source[lower[r]] + weight[r] *
    source[upper[r]]. `inside` says whether r's centre lies within the source's extent
    [0, n_in]; elsewhere the value is the edge's, repeated.
    """

    n_in: int
    lower: Int[np.ndarray, " output"]
    upper: Int[np.ndarray, " output"]
    weight: Float[np.ndarray, " output"]
    inside: Bool[np.ndarray, " output"]

    @classmethod
    def linear(cls, n_out: int, n_in: int, *, scale: float, offset: float = 0.0) -> AxisMap:
        """Return the map with source position (r + 0.5) * scale + offset - 0.5.

        `scale` is source pixels per output pixel; `offset` is where the output begins, in source
        pixels from the source's own beginning.

        >>> AxisMap.linear(3, 4, scale=1.0, offset=2.0).inside.tolist()
        [True, True, False]
        """
        edge = (np.arange(n_out) + 0.5) * scale + offset
        position = np.clip(edge - 0.5, 0.0, n_in - 1.0)
        lower = position.astype(np.intp)
        return cls(
            n_in=n_in,
            lower=lower,
            upper=np.minimum(lower + 1, n_in - 1),
            weight=position - lower,
            inside=(edge >= 0.0) & (edge <= n_in),
        )

    @classmethod
    def resizing(cls, n_out: int, n_in: int) -> AxisMap:
        """Return the map that stretches the whole source over the whole output."""
        return cls.linear(n_out, n_in, scale=n_in / n_out)

    def adjoint(self, values: Float[np.ndarray, " output"]) -> Float[np.ndarray, " source"]:
        """Return the transpose's product: what each source pixel contributes to sum(values * out).

        >>> AxisMap.resizing(4, 2).adjoint(np.ones(4)).tolist()
        [2.0, 2.0]
        """
        below = np.bincount(self.lower, values * (1.0 - self.weight), self.n_in)
        return below + np.bincount(self.upper, values * self.weight, self.n_in)


def resample(
    array: Float[np.ndarray, "source_height source_width"],
    rows: AxisMap,
    columns: AxisMap,
    *,
    fill: float | None = None,
    out: Float[np.ndarray, "height width"] | None = None,
) -> Float[np.ndarray, "height width"]:
    """Return `array` interpolated at rows x columns, in float64 if it is, else in float32.

    Output pixels outside the source repeat its edge, or hold `fill` where it is given. `out` is
    memory to use again, of the result's shape and type.
    """
    assert array.shape == (rows.n_in, columns.n_in), "the axis maps are for another source"
    dtype = np.float64 if array.dtype == np.float64 else np.float32
    source = np.ascontiguousarray(array, dtype)
    shape = len(rows.lower), len(columns.lower)
    if out is None:
        out = np.empty(shape, dtype)
    assert out.shape == shape, "the memory is for another result"
    assert out.dtype == dtype, "the memory is of another type"
    resample_rows(source, _arrays(rows, dtype), _arrays(columns, dtype), out)
    if fill is not None:
        out[~rows.inside] = fill
        out[:, ~columns.inside] = fill
    return out


def resize(
    array: Float[np.ndarray, "source_height source_width"], size: Size
) -> Float[np.ndarray, "height width"]:
    """Return `array` stretched to `size`.

    >>> resize(np.array([[0.0, 4.0]]), Size(1, 4)).tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    """
    height, width = array.shape
    return resample(
        array, AxisMap.resizing(size.height, height), AxisMap.resizing(size.width, width)
    )


_Arrays = tuple[
    Int[np.ndarray, " output"], Int[np.ndarray, " output"], Float[np.ndarray, " output"]
]


def _arrays(axis: AxisMap, dtype: type[np.floating]) -> _Arrays:
    return axis.lower, axis.upper, axis.weight.astype(dtype)
