"""Arrays as pictures: films, maps over films, and the mark of what must stay on this machine."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from gazebench.spec.values import Size

LONGEST = 512  # pixels of a picture's longer side
MARK = "gazebench-restricted"  # key of a PNG's text
WARNING = "restricted data: not for publication"
STRIP = 18  # pixels
COLOURS = "inferno"  # perceptually uniform, its dark end is no value at all
STRONGEST = 0.75  # opacity of a map's largest value

RGB = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """How an image is shown: reduced to `LONGEST`, its aspect kept."""

    image: Size
    shown: Size

    @classmethod
    def of(cls, image: Size) -> Canvas:
        """Return the canvas for an image; a small image is shown as large as it is.

        >>> Canvas.of(Size(3200, 1600)).shown
        Size(height=512, width=256)
        """
        longest = max(image)
        scale = min(LONGEST, longest) / longest
        height, width = (max(round(side * scale), 1) for side in image)
        return cls(image=image, shown=Size(height, width))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place in image pixels lies, in pixels of the picture.

        >>> Canvas.of(Size(1024, 2048)).at(1023.5, 0.0)
        (255.5, -0.38)
        """
        across, down = self.shown.width / self.image.width, self.shown.height / self.image.height
        return round((x + 0.5) * across - 0.5, 2), round((y + 0.5) * down - 0.5, 2)


def film(pixels: NDArray[Any] | None, canvas: Canvas) -> RGB:
    """Return an image as shown, [h, w, 3]; mid grey where there are no pixels."""
    if pixels is None:
        return np.full((*canvas.shown, 3), 96, np.uint8)
    scaled = pixels.astype(np.float32) * np.float32(255.0 / np.iinfo(pixels.dtype).max)
    bands = scaled if scaled.ndim == 3 else scaled[..., None].repeat(3, axis=2)
    return _bytes(np.stack([_reduced(bands[..., band], canvas) for band in range(3)], axis=2))


def overlay(film: RGB, values: NDArray[np.floating], canvas: Canvas) -> RGB:
    """Return a map over a film: from its smallest value, clear, to its largest, strongest.

    A constant map leaves the film as it is.
    """
    small = _reduced(np.asarray(values, np.float32), canvas)
    low, high = float(small.min()), float(small.max())
    if not high > low:
        return film.copy()
    share = (small - low) / (high - low)
    colours = _palette()[(share * 255).round().astype(np.intp)].astype(np.float32)
    opacity = (STRONGEST * np.sqrt(share))[..., None]
    mixed = (1.0 - opacity) * film + opacity * colours
    return _bytes(mixed)


def colour_bar() -> RGB:
    """Return the colours from the smallest value to the largest, [12, 256, 3]."""
    return np.ascontiguousarray(np.broadcast_to(_palette(), (12, 256, 3)))


def png(picture: RGB, *, is_restricted: bool) -> bytes:
    """Return a picture as a PNG file; the mark of restricted data is burnt in and written in."""
    image, about = Image.fromarray(picture), PngInfo()
    about.add_text("Software", "GazeBench")
    if is_restricted:
        image = _with_strip(image)
        about.add_text(MARK, WARNING)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, pnginfo=about)
    return file.getvalue()


def _with_strip(image: Image.Image) -> Image.Image:
    """Return a picture with a strip below that says what it is; the picture itself stays whole."""
    marked = Image.new("RGB", (image.width, image.height + STRIP), (140, 20, 20))
    marked.paste(image, (0, 0))
    draw = ImageDraw.Draw(marked)
    draw.text((4, image.height + 3), WARNING, fill=(255, 255, 255), font=ImageFont.load_default())
    return marked


def _reduced(values: NDArray[np.float32], canvas: Canvas) -> NDArray[np.float32]:
    """Return an array at the picture's size: means over what each of its pixels covers."""
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    size = canvas.shown.width, canvas.shown.height
    if image.size == size:
        return values
    down = image.size[0] > size[0]
    how = Image.Resampling.BOX if down else Image.Resampling.BILINEAR
    return np.asarray(image.resize(size, how))


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.asarray(values.round().clip(0, 255).astype(np.uint8))


@cache
def _palette() -> NDArray[np.uint8]:
    from matplotlib import colormaps

    return _bytes(np.asarray(colormaps[COLOURS](np.arange(256)))[:, :3] * 255.0)
