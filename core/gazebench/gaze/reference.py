"""The leave-one-out reference: what a reading's score compares a map with."""

from __future__ import annotations

import numpy as np

from gazebench.gaze.arrays import Densities
from gazebench.gaze.kernels import leave_one_out_rows


def leave_one_out(densities: Densities, out: Densities | None = None) -> Densities:
    """Return for every reading the mean density of the others, [R, H, W].

        reference_r = sum_{s != r} density_s / (R - 1)

    summed from both ends: total minus own loses the small values. A single reading has no others;
    its reference is its own density, and its ceiling is undefined (protocol section 2). `out` is
    memory to use again, like `densities`.

    >>> leave_one_out(np.array([[[1.0]], [[2.0]], [[6.0]]])).ravel().tolist()
    [4.0, 3.5, 1.5]
    """
    if out is None:
        out = np.empty_like(densities, order="C")
    if len(densities) == 1:
        out[:] = densities
        return out
    leave_one_out_rows(densities, out)
    return out
