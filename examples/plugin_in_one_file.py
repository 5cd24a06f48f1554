import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter, zoom

from gazebench import image_method


@image_method(title="Spectral residual", reference="Hou & Zhang 2007, 10.1109/CVPR.2007.383267")
def spectral_residual(image, *, sigma: float = 2.5):
    k = max(min(image.shape) / 64, 1)  # the short side becomes 64 pixels, averaged
    small = zoom(uniform_filter(image, int(k)), 1 / k, order=1, mode="nearest", grid_mode=True)
    smooth = uniform_filter(np.log(abs(spectrum := np.fft.fft2(small)) + 1e-9), 3, mode="wrap")
    return gaussian_filter(abs(np.fft.ifft2(spectrum * np.exp(-smooth))) ** 2, sigma)
