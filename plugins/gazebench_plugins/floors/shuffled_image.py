"""The gaze on another image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import floor
from gazebench.spec import OTHER_IMAGES, FloorContext


@floor(needs={OTHER_IMAGES}, title="Shuffled image")
def shuffled_image(context: FloorContext) -> NDArray[np.floating]:
    """Return the mean density of a randomly chosen other case, moved onto this one's chest box."""
    return context.shuffled_density()
