"""DICOM films are made like those of MIMIC-CXR-JPG, without the histogram equalisation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

import tiny_reflacx
from dicom_files import RAMP, write_dicom
from gazebench.errors import DataError
from gazebench.spec import Size
from gazebench_plugins.datasets.reflacx import reflacx
from gazebench_plugins.datasets.reflacx.films import film_size, read_film
from tiny_reflacx import IMAGES


def test_values_run_from_minimum_to_maximum_without_the_window(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", RAMP)
    film = read_film(tmp_path / "a.dcm", Size(12, 10))

    expected = np.rint((RAMP - 200.0) / 3600.0 * 255).astype(np.uint8)
    assert film.dtype == np.uint8
    np.testing.assert_array_equal(film, expected)


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", RAMP)
    write_dicom(tmp_path / "b.dcm", RAMP, photometric="MONOCHROME1")
    plain, inverted = (read_film(tmp_path / name, None) for name in ("a.dcm", "b.dcm"))

    np.testing.assert_array_equal(inverted, 255 - plain)


def test_a_film_of_one_value_is_black(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", np.full((4, 5), 77, dtype=np.uint16))

    assert not read_film(tmp_path / "a.dcm", Size(4, 5)).any()


def test_the_size_comes_from_the_header(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", RAMP)

    assert film_size(tmp_path / "a.dcm") == Size(12, 10)


def test_another_size_is_refused(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", RAMP)

    with pytest.raises(DataError, match=r"12 x 10 pixels .*, expected 10 x 12"):
        read_film(tmp_path / "a.dcm", Size(10, 12))


def test_colour_is_refused(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", np.zeros((4, 5, 3), dtype=np.uint16), "RGB", samples=3)

    with pytest.raises(DataError, match="expected one grey film"):
        read_film(tmp_path / "a.dcm", Size(4, 5))


def test_a_truncated_dicom_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    write_dicom(path, RAMP)
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(DataError, match=r"a\.dcm"):
        read_film(path, Size(12, 10))


@pytest.mark.parametrize("content", [b"", b"not a film at all" * 20])
def test_no_dicom_at_all(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.dcm").write_bytes(content)

    with pytest.raises(DataError, match=r"a\.dcm"):
        read_film(tmp_path / "a.dcm", Size(12, 10))


def test_the_dicom_release_serves_as_images(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    for image in IMAGES:
        pixels = np.tile(np.arange(image.width, dtype=np.uint16), (image.height, 1))
        path = tmp_path / "films/files" / image.folder / f"{image.dicom_id}.dcm"
        write_dicom(path, pixels)
    dataset = reflacx.function(tmp_path / "gaze", images=str(tmp_path / "films"))
    film = dataset.image(dataset.cases()[0])

    assert film.shape == (48, 40)
    assert (film[0, 0], film[0, -1]) == (0, 255)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Rows": 60_000, "Columns": 60_000}, "60000 x 60000 pixels, more than"),
        ({"Rows": 0}, "1 frames of 0 x 10 pixels, expected one film"),
        ({"NumberOfFrames": 1_000_000}, "1000000 frames of 12 x 10 pixels"),
        ({"Rows": 5000}, "cannot be decoded"),
        ({"BitsAllocated": 64}, "cannot be decoded"),
    ],
)
def test_absurd_headers_are_refused_before_any_pixel_is_made(
    tmp_path: Path, changes: dict[str, int], words: str
) -> None:
    path = tmp_path / "a.dcm"
    write_dicom(path, RAMP)
    film = pydicom.dcmread(path)
    for name, value in changes.items():
        setattr(film, name, value)
    film.save_as(path)

    with pytest.raises(DataError, match=words) as refused:
        read_film(path, None)

    assert str(path) in refused.value.message


def test_a_deflated_film_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    """Four hundred megabytes of zeros in half a megabyte."""
    path = tmp_path / "a.dcm"
    write_dicom(path, RAMP)
    film = pydicom.dcmread(path)
    film.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    film.PixelData = bytes(400_000_000)
    film.save_as(path)
    assert path.stat().st_size < 1_000_000

    with pytest.raises(DataError, match="is a deflated DICOM"):
        film_size(path)
