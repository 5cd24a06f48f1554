"""The chest films: JPG as MIMIC-CXR-JPG distributes them, or DICOM made like them."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.spec import Size
from gazebench_plugins.datasets.pictures import check_pixels, check_size, picture_size, read_picture
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
_ONE_AT_A_TIME = threading.Lock()  # filters of warnings belong to the whole process


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
    do = "fetch the file again; for compressed pixels install pylibjpeg[all]"
    with _told(f"{path}: the pixels cannot be decoded", do=do):
        samples, photometric = film.SamplesPerPixel, film.PhotometricInterpretation
        stored = film.pixel_array
    if samples != 1 or stored.ndim != 2:
        raise DataError(
            f"{path}: {photometric} with pixels {stored.shape}, expected one grey film",
            do="pass the frontal films of MIMIC-CXR",
        )
    return grey_levels(stored, is_inverted=photometric == "MONOCHROME1")


def _dicom_size(path: Path, film: Any) -> Size:
    with _told(f"{path}: no Rows and Columns"):
        size = Size(int(film.Rows), int(film.Columns))
        frames = int(film.get("NumberOfFrames") or 1)
    if min(size) < 1 or frames != 1:
        raise DataError(
            f"{path}: {frames} frames of {size.height} x {size.width} pixels, expected one film",
            do="pass the frontal films of MIMIC-CXR",
        )
    check_pixels(path, *size)
    return size


def _dicom(path: Path, *, header_only: bool) -> Any:
    import pydicom

    with _told(f"{path} cannot be read as DICOM"):
        meta = pydicom.filereader.read_file_meta_info(path)
        if meta.get("TransferSyntaxUID") == pydicom.uid.DeflatedExplicitVRLittleEndian:
            raise DataError(  # it would be unpacked as a whole before anything of it is known
                f"{path} is a deflated DICOM, which no film of MIMIC-CXR is",
                do="fetch the file again, or store it without deflation",
            )
        return pydicom.dcmread(path, stop_before_pixels=header_only)


@contextmanager
def _told(what: str, *, do: str = "fetch the file again") -> Iterator[None]:
    """Turn what pydicom raises into an error of ours; what it only warns of is nothing to a run.

    Raises:
        DataError: anything was raised.
    """
    import pydicom

    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (
        *_DICOM_ERRORS, pydicom.errors.InvalidDicomError, pydicom.errors.BytesLengthException
    ) as error:  # fmt: skip
        raise DataError(f"{what}: {error}", do=do) from error
