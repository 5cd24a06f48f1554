"""The dataset's average density as a map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import floor
from gazebench.spec import CENTRE_BIAS, FloorContext


@floor(needs={CENTRE_BIAS}, title="Centre bias")
def centre_bias(context: FloorContext) -> NDArray[np.floating]:
    """Return the centre-bias density of the case, registered by its chest box."""
    return context.centre_bias()
