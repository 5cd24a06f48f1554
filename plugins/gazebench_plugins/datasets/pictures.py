"""Reading stored pictures (JPG, PNG, ...) as they are: no rotation, no rescaling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.files.pictures import MOST_PIXELS as MOST_PIXELS
from gazebench.files.pictures import check_pixels as check_pixels
from gazebench.files.pictures import opened_picture
from gazebench.spec import Size

_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_SIXTEEN_BIT_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_WIDE_MODES = frozenset({"I", "F"})


def picture_size(path: Path) -> Size:
    """Return a picture's size from its header, without decoding it.

    Raises:
        DataError: the file is missing, is no picture, or claims an absurd size.
    """
    with opened_picture(path) as picture:
        return Size(picture.height, picture.width)


def read_picture(path: Path, size: Size | None) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return the pixels, [H, W] grey or [H, W, 3] RGB; an alpha channel is dropped.

    `size` is what the picture has to have, None when any will do. EXIF rotation is not applied:
    gaze refers to the picture as stored.

    Raises:
        DataError: the file is missing, truncated, of another size, or of a kind without 8 or 16
            bits per channel.
    """
    with opened_picture(path) as picture:
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


def _spoken(size: Size) -> str:
    return f"{size.height} x {size.width} pixels (height x width)"
