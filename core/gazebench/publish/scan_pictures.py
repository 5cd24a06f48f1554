"""Pictures: whether one is a plot, and whether it shows one of a run's source images."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

WHITE = 250  # of 255: paper
MOST_PAPER = 0.4  # a plot has at least so much of it
SIDE = 24  # pixels of a thumbnail
SPANS = tuple(0.9**step for step in range(17))  # of a picture's width
ASPECTS = (0.8, 1.0, 1.25)  # height / width of films
ALIKE = 0.85  # correlation from which on a picture shows the image
FLATTEST = 0.02  # standard deviation, of 1, below which a place shows nothing
_CHUNKS = frozenset({b"IHDR", b"PLTE", b"pHYs", b"sBIT", b"tRNS", b"sRGB", b"gAMA", b"IDAT"})
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SOFTWARE = b"Software\x00GazeBench"


def not_a_plot(content: bytes) -> Iterator[str]:
    """Say why a file is no plot in PNG: data beside the pixels, or no white paper."""
    import PIL.Image

    yield from _strange_chunks(content)
    try:
        with PIL.Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            grey = np.asarray(picture.convert("L"))
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        yield "is no PNG picture"
        return
    if (grey >= WHITE).mean() < MOST_PAPER:
        yield "is a picture, and no plot on white paper"


def _strange_chunks(content: bytes) -> Iterator[str]:
    """Say what a PNG file holds beside its pixels."""
    place = len(_SIGNATURE)
    while place + 8 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IEND":
            break
        if kind not in _CHUNKS and not (kind == b"tEXt" and data.startswith(_SOFTWARE)):
            yield f"a part {kind.decode('latin-1')!r} that no plot of ours has"
    if place != len(content):
        yield "bytes after the end of the picture"


def source_image_in(content: bytes, known: NDArray[np.float32]) -> float:
    """Return the correlation of a PNG picture with a known image that it shows; 0 for none."""
    import PIL.Image

    with PIL.Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
        best = shows_one(np.asarray(picture.convert("L")), known)
    return best if best >= ALIKE else 0.0


def thumbnails(images: Iterable[NDArray[np.generic]]) -> NDArray[np.float32]:
    """Return small grey copies of images [H, W] or [H, W, 3], [N, SIDE, SIDE], standardised.

    Images without contrast are left out: nothing can be recognised by them.
    """
    small = (_standardised(_resized(_grey(image), (SIDE, SIDE))) for image in images)
    kept = [one for one in small if one is not None]
    return np.stack(kept) if kept else np.zeros((0, SIDE, SIDE), np.float32)


def shows_one(picture: NDArray[np.generic], known: NDArray[np.float32]) -> float:
    """Return the best correlation of any place of a picture with any known thumbnail, in [0, 1].

    Places of several sizes and shapes are compared, at every position, as they are, mirrored and
    as negatives.
    """
    if not len(known):
        return 0.0
    both = np.concatenate([known, known[:, :, ::-1]]).astype(np.float64)
    grey = _grey(picture)
    height, width = grey.shape
    sizes = {(SIDE, SIDE)}  # the picture as a whole
    for span in SPANS:
        tall = (min(span * width / height * aspect, 1.0) for aspect in ASPECTS)
        sizes |= {(round(SIDE / share), round(SIDE / span)) for share in tall}
    return max(_best_match(_resized(grey, size), both) for size in sorted(sizes))


def _best_match(small: NDArray[np.float64], known: NDArray[np.float64]) -> float:
    """Slide thumbnails over a picture, and return their best correlation with a place in it."""
    at = slice(SIDE - 1, small.shape[0]), slice(SIDE - 1, small.shape[1])  # wholly inside
    count = SIDE * SIDE
    ones = np.ones((1, SIDE, SIDE))
    mean = _convolved(small, ones)[0][at] / count
    mean_square = _convolved(small**2, ones)[0][at] / count
    deviation = np.sqrt(np.maximum(mean_square - mean**2, 0.0))
    scale = count * np.where(deviation < FLATTEST, np.inf, deviation)
    products = _convolved(small, known[:, ::-1, ::-1])
    return float((np.abs(products[:, *at]) / scale).max())


def _convolved(small: NDArray[np.float64], many: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a picture [H, W] convolved with every one of [N, SIDE, SIDE]."""
    shape = small.shape[0] + SIDE - 1, small.shape[1] + SIDE - 1
    product = np.fft.rfft2(small, shape) * np.fft.rfft2(many, shape)
    return np.asarray(np.fft.irfft2(product, shape))


def _grey(image: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return an image as grey values in [0, 1]."""
    values = np.asarray(image, np.float64)
    if values.ndim == 3:
        values = values[..., :3].mean(axis=2)
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _resized(grey: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    import PIL.Image

    picture = PIL.Image.fromarray(grey.astype(np.float32))
    return np.asarray(picture.resize(size[::-1], PIL.Image.Resampling.BOX), np.float64)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float32] | None:
    deviation = float(values.std())
    if deviation < FLATTEST:
        return None
    return np.asarray((values - values.mean()) / deviation, np.float32)
