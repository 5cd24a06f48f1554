"""The chest films: JPG as MIMIC-CXR-JPG distributes them, or DICOM made like them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.spec import Size
from gazebench_plugins.datasets.pictures import check_size, picture_size, read_picture
from gazebench_plugins.datasets.reflacx.layout import DICOM

# What pydicom and its decoders raise for files that are damaged or compressed in unknown ways.
_DICOM_ERRORS = (
    OSError,
    EOFError,
    AttributeError,
    KeyError,
    ValueError,
    TypeError,
    RuntimeError,
    NotImplementedError,
)


def read_film(path: Path, size: Size | None) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return a film's pixels, [H, W] grey; `size` is what it has to have, None when any will do.

    A JPG is taken as it is: MIMIC-CXR-JPG is 8-bit, inverted where needed, and histogram-equalised.
    A DICOM gets the same treatment without the histogram equalisation: see `grey_levels`.

    Raises:
        DataError: the file is missing, damaged, or of another size.
    """
    if path.suffix == DICOM:
        return _read_dicom(path, size)
    return read_picture(path, size)


def film_size(path: Path) -> Size:
    """Return a film's size from its header.

    Raises:
        DataError: the file is missing or damaged.
    """
    if path.suffix == DICOM:
        return _dicom_size(path, _dicom(path, header_only=True))
    return picture_size(path)


def grey_levels(stored: NDArray[np.generic], *, is_inverted: bool) -> NDArray[np.uint8]:
    """Scale stored values from their minimum and maximum to 0 and 255, rounded.

    The window stored in the file is not applied: the readers of REFLACX set their own, and
    MIMIC-CXR-JPG ignores it too. `is_inverted` (MONOCHROME1) turns the result so that air is dark.
    A film of one value is black.

    >>> grey_levels(np.array([[10, 20], [30, 40]]), is_inverted=False).tolist()
    [[0, 85], [170, 255]]
    >>> grey_levels(np.array([[10, 20], [30, 40]]), is_inverted=True).tolist()
    [[255, 170], [85, 0]]
    """
    values = stored.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    if high == low:
        return np.zeros(values.shape, dtype=np.uint8)
    scaled = np.rint((values - low) * (255 / (high - low))).astype(np.uint8)
    return 255 - scaled if is_inverted else scaled


def _read_dicom(path: Path, size: Size | None) -> NDArray[np.uint8]:
    film = _dicom(path, header_only=False)
    check_size(path, _dicom_size(path, film), size)
    try:
        samples, photometric = film.SamplesPerPixel, film.PhotometricInterpretation
        stored = film.pixel_array
    except _DICOM_ERRORS as error:
        raise DataError(
            f"{path}: the pixels cannot be decoded: {error}",
            do="fetch the file again; for compressed pixels install pylibjpeg[all]",
        ) from error
    if samples != 1 or stored.ndim != 2:
        raise DataError(
            f"{path}: {photometric} with pixels {stored.shape}, expected one grey film",
            do="pass the frontal films of MIMIC-CXR",
        )
    return grey_levels(stored, is_inverted=photometric == "MONOCHROME1")


def _dicom_size(path: Path, film: Any) -> Size:
    try:
        return Size(int(film.Rows), int(film.Columns))
    except _DICOM_ERRORS as error:
        raise DataError(f"{path}: no Rows and Columns", do="fetch the file again") from error


def _dicom(path: Path, *, header_only: bool) -> Any:
    import pydicom

    try:
        return pydicom.dcmread(path, stop_before_pixels=header_only)
    except FileNotFoundError as error:
        raise DataError(f"the film {path} does not exist", do="check the folder") from error
    except (*_DICOM_ERRORS, pydicom.errors.InvalidDicomError) as error:
        raise DataError(
            f"{path} cannot be read as DICOM: {error}", do="fetch the file again"
        ) from error
