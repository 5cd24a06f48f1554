"""Films as DICOM, made like those of MIMIC-CXR."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def write_dicom(
    path: Path, pixels: NDArray[np.uint16], photometric: str = "MONOCHROME2", samples: int = 1
) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = pydicom.uid.DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["film"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    film.Rows, film.Columns = pixels.shape[:2]
    film.SamplesPerPixel, film.PhotometricInterpretation = samples, photometric
    if samples > 1:
        film.PlanarConfiguration = 0
    film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelRepresentation = 16, 12, 11, 0
    film.WindowCenter, film.WindowWidth = 100, 10  # must be ignored
    film.PixelData = pixels.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    film.save_as(path, enforce_file_format=True)


RAMP = np.linspace(200, 3800, 12 * 10).reshape(12, 10).astype(np.uint16)
