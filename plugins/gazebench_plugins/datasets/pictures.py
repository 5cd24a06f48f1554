"""Reading stored pictures (JPG, PNG, ...) as they are: no rotation, no rescaling."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazebench.errors import DataError
from gazebench.spec import Size

# The largest film of MIMIC-CXR has 9.3 million pixels; a file that claims far more is a mistake or
# an attack, and is refused before it is decoded.
MOST_PIXELS = 64_000_000

_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_SIXTEEN_BIT_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_WIDE_MODES = frozenset({"I", "F"})


def picture_size(path: Path) -> Size:
    """Return a picture's size from its header, without decoding it.

    Raises:
        DataError: the file is missing, is no picture, or claims an absurd size.
    """
    with _opened(path) as picture:
        return Size(picture.height, picture.width)


def read_picture(path: Path, size: Size | None) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return the pixels, [H, W] grey or [H, W, 3] RGB; an alpha channel is dropped.

    `size` is what the picture has to have, None when any will do. EXIF rotation is not applied:
    gaze refers to the picture as stored.

    Raises:
        DataError: the file is missing, truncated, of another size, or of a kind without 8 or 16
            bits per channel.
    """
    with _opened(path) as picture:
        check_size(path, Size(picture.height, picture.width), size)
        if picture.mode in _SIXTEEN_BIT_MODES:
            return np.asarray(picture).astype(np.uint16)
        if picture.mode in _WIDE_MODES:
            raise DataError(
                f"{path}: pixels of the mode {picture.mode!r}, expected 8 or 16 bits per channel",
                do="store the picture as 8-bit or 16-bit grey, or as 8-bit RGB",
            )
        grey = picture.mode in _GREY_MODES
        return np.asarray(picture.convert("L" if grey else "RGB"))


def check_size(path: Path, found: Size, expected: Size | None) -> None:
    """Refuse a picture of another size than the tables say; None when they say nothing.

    Raises:
        DataError: the sizes differ.
    """
    if expected is not None and found != expected:
        raise DataError(
            f"{path}: {_spoken(found)}, expected {_spoken(expected)}: "
            "gaze coordinates refer to pictures of that size",
            do="use the pictures as distributed, not resized, rotated or cropped",
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                _check_pixels(path, picture.width, picture.height)
                yield picture
    except FileNotFoundError as error:
        raise DataError(f"the picture {path} does not exist", do="check the folder") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            f"{path}: {error}", do="a file that claims so many pixels is not decoded; replace it"
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DataError(
            f"{path} cannot be read as a picture: {error}",
            do="fetch the file again: it may be truncated",
        ) from error


def _check_pixels(path: Path, width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise DataError(
            f"{path}: claims {height} x {width} pixels, more than {MOST_PIXELS:,} in all",
            do="a file that claims so many pixels is not decoded; replace it",
        )


def _spoken(size: Size) -> str:
    return f"{size.height} x {size.width} pixels (height x width)"
