"""A random number in every pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import floor
from gazebench.spec import FloorContext


@floor(title="Random")
def random(context: FloorContext) -> NDArray[np.floating]:
    """Return independent uniform pixels, the same for a seed and case wherever they are drawn."""
    return context.rng.random(context.case.size, dtype=np.float32)
