"""A method that looks at nothing but edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_gradient_magnitude

from gazebench import image_method


@image_method()
def edges(image: NDArray[np.float32], *, sigma: float = 8.0) -> NDArray[np.float32]:
    """Edge strength: the gradient magnitude of the image, smoothed by `sigma` pixels."""
    strength: NDArray[np.float32] = gaussian_gradient_magnitude(image, sigma)
    return strength
