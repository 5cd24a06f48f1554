"""The same value everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import floor
from gazebench.spec import FloorContext


@floor(title="Uniform")
def uniform(context: FloorContext) -> NDArray[np.floating]:
    """Return a constant map: it scores chance in AUC, and has no correlation."""
    return np.ones(context.case.size, np.float32)
