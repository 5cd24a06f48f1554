"""Every malformed file ends in one error that names file, row and what was expected."""

from __future__ import annotations

import gzip
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from gazebench.errors import DataError, UsageError
from gazebench_plugins.datasets.reflacx import reflacx
from gazebench_plugins.datasets.reflacx.tables import read_records
from tiny_reflacx import IMAGES, add_column, drop_column, edit, set_cell

READING = IMAGES[0].readings[0]
METADATA = "metadata_phase_1.csv"
FIXATIONS = f"{READING}/fixations.csv"
ELLIPSES = f"{READING}/anomaly_location_ellipses.csv"
BOX = f"{READING}/chest_bounding_box.csv"


def read_everything(root: Path) -> None:
    dataset = reflacx.function(root)
    for case in dataset.cases():
        for reading in case.readings:
            dataset.fixations(case, reading)


CELLS = [
    (METADATA, 3, "id", "P999R1", r"metadata_phase_1.csv:3: id must be P1"),
    (METADATA, 3, "id", "../../secret", "id must be P1"),
    (METADATA, 2, "id", "P202R001000", "in phase 1, found 'P202R001000'"),
    (METADATA, 3, "id", READING, f"reading {READING} is in row 2 too"),
    (METADATA, 2, "eye_tracking_data_discarded", "maybe", "must be True or False, found 'maybe'"),
    (METADATA, 2, "image", "x.dcm", r"image must end in pNN/pNNNNNNNN/sNNNNNNNN"),
    (METADATA, 2, "dicom_id", IMAGES[1].dicom_id, "but image ends in"),
    (METADATA, 2, "dicom_id", "../x", "five groups of eight hex digits"),
    (METADATA, 2, "subject_id", "99000002", "subject_id is 99000002, but image lies in p99000001"),
    (METADATA, 2, "subject_id", "", "subject_id must be a number, found ''"),
    (METADATA, 2, "image_size_x", "40.5", "must be a whole number, found '40.5'"),
    (METADATA, 2, "image_size_x", "0", "48 x 0 pixels is not possible"),
    (METADATA, 2, "image_size_x", "9000000", "is not possible"),
    (METADATA, 4, "image_size_x", "41", "has size 48 x 41, but 48 x 40 in metadata_phase_1.csv:2"),
    (METADATA, 4, "split", "test", "has split test, but train"),
    (METADATA, 2, "Mass", "6", "certainty from 0 to 5, found 6"),
    (METADATA, 2, "Mass", "", "Mass must be a number, found ''"),
    (METADATA, 2, "Mass", "inf", "Mass must be a number, found 'inf'"),
    (METADATA, 2, "Support devices", "5", "must be True or False"),
    (FIXATIONS, 3, "timestamp_end_fixation", "0.1", r"fixations.csv:3: .*ends before it starts"),
    (FIXATIONS, 3, "x_position", "", "x_position must be a number, found ''"),
    (FIXATIONS, 3, "x_position", "nan", "x_position must be a number, found 'nan'"),
    (FIXATIONS, 3, "angular_resolution_x_pixels_per_degree", "0", "must be positive"),
    (ELLIPSES, 2, "certainty", "0", "certainty must be 1 to 5, found 0"),
    (ELLIPSES, 2, "xmin", "left", "xmin must be a number, found 'left'"),
    (ELLIPSES, 2, "Mass", "2", "Mass must be True or False"),
    (BOX, 2, "xmax", "4", "the chest box has no area"),
]


@pytest.mark.parametrize(("file", "row", "column", "value", "message"), CELLS)
def test_a_bad_cell(
    root: Path, main_data: Path, file: str, row: int, column: str, value: str, message: str
) -> None:
    set_cell(main_data / file, row, column, value)

    with pytest.raises(DataError, match=message) as caught:
        read_everything(root)
    assert caught.value.do


@pytest.mark.parametrize(
    ("file", "column"),
    [
        (METADATA, "dicom_id"),
        (METADATA, "Mass"),
        (FIXATIONS, "y_position"),
        (FIXATIONS, "xmax_shown_from_image"),
        (ELLIPSES, "certainty"),
        (ELLIPSES, "Other"),
        (BOX, "ymax"),
    ],
)
def test_a_missing_column(root: Path, main_data: Path, file: str, column: str) -> None:
    drop_column(main_data / file, column)

    with pytest.raises(DataError, match=rf"csv:1: the column '{column}' is missing; found "):
        read_everything(root)


@pytest.mark.parametrize("file", [METADATA, ELLIPSES])
def test_an_unknown_label(root: Path, main_data: Path, file: str) -> None:
    add_column(main_data / file, "Nodules", "0")

    with pytest.raises(DataError, match="unknown label column 'Nodules'") as caught:
        read_everything(root)
    assert "did you mean 'Nodule'?" in caught.value.do


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00\x01" * 40)


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        (FIXATIONS, _header_only, "fixations.csv: holds no fixation"),
        (FIXATIONS, _empty, "fixations.csv: is empty, expected a header"),
        (FIXATIONS, _cut, r"fixations.csv:4: 1\d cells, expected 17"),
        (FIXATIONS, _binary, "fixations.csv: cannot be read"),
        (FIXATIONS, Path.unlink, "does not exist, though the metadata does not call the reading"),
        (ELLIPSES, Path.unlink, "ellipses.csv: does not exist"),
        (BOX, Path.unlink, "chest_bounding_box.csv: does not exist"),
        (BOX, _header_only, "0 boxes, expected 1"),
    ],
)
def test_a_damaged_file(
    root: Path, main_data: Path, file: str, damage: Callable[[Path], None], message: str
) -> None:
    damage(main_data / file)

    with pytest.raises(DataError, match=message):
        read_everything(root)


def test_a_damaged_gzip_file(root: Path, main_data: Path) -> None:
    path = main_data / FIXATIONS
    path.with_name("fixations.csv.gz").write_bytes(b"\x1f\x8b\x08\x00 broken")
    path.unlink()

    with pytest.raises(DataError, match=r"fixations\.csv\.gz: cannot be read"):
        read_everything(root)


def test_a_reading_without_folder(root: Path, main_data: Path) -> None:
    shutil.rmtree(main_data / READING)

    with pytest.raises(DataError, match="names this reading, but it has no folder"):
        read_everything(root)


def test_an_image_in_two_phases(root: Path, main_data: Path) -> None:
    path = main_data / "metadata_phase_2.csv"
    first, third = IMAGES[0], IMAGES[2]
    edit(path, f"{third.folder}/{third.dicom_id}.dcm", f"{first.folder}/{first.dicom_id}.dcm")
    edit(path, third.dicom_id, first.dicom_id)
    edit(path, f",{third.subject},", f",{first.subject},")

    with pytest.raises(DataError, match=r"has phase 2, but 1 in metadata_phase_1\.csv:2"):
        read_everything(root)


def test_a_missing_phase_says_which_are_there(root: Path, main_data: Path) -> None:
    (main_data / "metadata_phase_2.csv").unlink()

    with pytest.raises(DataError, match=r"metadata_phase_2.csv is missing .* has phase 1, 3"):
        read_everything(root)


@pytest.mark.parametrize("phases", ["4", "", "one", "1;2"])
def test_unknown_phases(root: Path, phases: str) -> None:
    with pytest.raises(UsageError, match="phases must be some of 1, 2 and 3"):
        reflacx.function(root, phases=phases)


def test_an_unknown_labeller(root: Path) -> None:
    with pytest.raises(UsageError, match="labels must be one of chexpert, negbio") as caught:
        reflacx.function(root, labels="chexprt")
    assert "did you mean 'chexpert'?" in caught.value.do


def test_blank_lines_and_a_byte_order_mark_do_no_harm(root: Path, main_data: Path) -> None:
    path = main_data / METADATA
    expected = reflacx.function(root).cases()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n\r\n")

    assert reflacx.function(root).cases() == expected


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path) -> None:
    """A hundred megabytes of one letter, in a tenth of one."""
    file = tmp_path / "table.csv.gz"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(b"a,b\n1,2\n")
        for _ in range(100):
            packed.write(b"a" * 10**6)
    records = read_records(file)

    assert (next(records), next(records)) == (["a", "b"], ["1", "2"])
    tracemalloc.start()
    with pytest.raises(DataError, match="a line has more than 1,048,576 characters"):
        next(records)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()
