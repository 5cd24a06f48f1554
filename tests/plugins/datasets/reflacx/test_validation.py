"""Validation lists every fault at once, and tells what a run would refuse from what is odd."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tiny_reflacx
from gazebench.errors import DataError
from gazebench.spec import Problem
from gazebench_plugins.datasets.reflacx import reflacx
from tiny_reflacx import DISCARDED, IMAGES, drop_column, edit, set_cell

READING = IMAGES[0].readings[0]
FIXATIONS = f"{READING}/fixations.csv"


def found(root: Path, **options: str) -> list[Problem]:
    return list(reflacx.validate(root, **options))


def the_one(root: Path, **options: str) -> Problem:
    (problem,) = found(root, **options)
    return problem


def test_a_good_dataset_has_no_problem(root: Path) -> None:
    assert found(root) == []


def test_every_bad_row_is_listed(root: Path, main_data: Path) -> None:
    set_cell(main_data / FIXATIONS, 2, "timestamp_end_fixation", "0.1")
    set_cell(main_data / FIXATIONS, 4, "x_position", "")
    set_cell(main_data / "metadata_phase_2.csv", 3, "Pneumothorax", "9")
    set_cell(main_data / "metadata_phase_3.csv", 2, "dicom_id", "x")

    places = [(Path(p.file).name, p.row, p.is_fatal) for p in found(root) if p.is_fatal]
    assert places == [
        ("metadata_phase_2.csv", 3, True),
        ("metadata_phase_3.csv", 2, True),
        ("fixations.csv", 2, True),
        ("fixations.csv", 4, True),
    ]


@pytest.mark.parametrize(
    ("file", "row", "column", "value", "message"),
    [
        (FIXATIONS, 2, "timestamp_end_fixation", "0.5", "lasts 0 s"),
        (FIXATIONS, 2, "timestamp_end_fixation", "0.9", "before an earlier one ends"),
        (FIXATIONS, 2, "xmax_shown_from_image", "41", "exceeds the image"),
        (FIXATIONS, 2, "xmax_shown_from_image", "0", "no part of the image was shown"),
        (f"{READING}/anomaly_location_ellipses.csv", 2, "certainty", "3", "certainty 4, but 3"),
        (f"{READING}/chest_bounding_box.csv", 2, "xmin", "-90", "lies outside"),
        (f"{READING}/timestamps_transcription.csv", 2, "word", "heart", "does not match the words"),
        ("metadata_phase_2.csv", 2, "split", "valid", "split is 'valid'"),
        ("metadata_phase_1.csv", 2, "id", "P109R001000", "different image codes"),
    ],
)
def test_oddities_are_not_fatal(
    root: Path, main_data: Path, file: str, row: int, column: str, value: str, message: str
) -> None:
    set_cell(main_data / file, row, column, value)
    if column == "xmin":
        set_cell(main_data / file, row, "xmax", "-80")
    if column == "id":
        (main_data / READING).rename(main_data / value)
    if column == "split":
        for other in range(3, 7):
            set_cell(main_data / file, other, column, value)

    problems = found(root)
    assert any(message in problem.message for problem in problems)
    assert not any(problem.is_fatal for problem in problems)
    assert reflacx.function(root).cases()


def test_a_missing_column_is_fatal(root: Path, main_data: Path) -> None:
    drop_column(main_data / FIXATIONS, "x_position")
    problem = the_one(root)

    assert (problem.row, problem.is_fatal) == (1, True)
    assert "'x_position' is missing" in problem.message


def test_files_of_a_usable_reading_must_be_there(root: Path, main_data: Path) -> None:
    shutil.rmtree(main_data / READING)

    assert the_one(root) == Problem(
        str(main_data / READING), None, f"reading {READING} has no folder", is_fatal=True
    )


def test_a_discarded_reading_must_not_have_gaze(root: Path, main_data: Path) -> None:
    shutil.copy(main_data / FIXATIONS, main_data / DISCARDED / "fixations.csv")
    problem = the_one(root)

    assert not problem.is_fatal
    assert "calls the reading discarded" in problem.message


def test_broken_boxes_of_a_discarded_reading_stop_no_run(root: Path, main_data: Path) -> None:
    set_cell(main_data / DISCARDED / "chest_bounding_box.csv", 2, "xmin", "?")

    assert not the_one(root).is_fatal


def test_a_film_of_another_size_is_fatal(root: Path) -> None:
    image = IMAGES[0]
    path = root / "mimic" / "files" / image.folder / f"{image.dicom_id}.jpg"
    tiny_reflacx.write_film(path, image, size=(10, 10))
    problem = the_one(root)

    assert problem.is_fatal
    assert "10 x 10 pixels (height x width), expected 48 x 40" in problem.message


def test_a_missing_film_is_fatal_only_when_films_were_asked_for(root: Path) -> None:
    image = IMAGES[0]
    (root / "mimic" / "files" / image.folder / f"{image.dicom_id}.jpg").unlink()

    assert not the_one(root).is_fatal
    assert the_one(root, images=str(root / "mimic")).is_fatal


def test_wrong_images_are_fatal(root: Path) -> None:
    assert the_one(root, images=str(root / "nowhere"), tables=str(root)).is_fatal


def test_mimic_tables_that_disagree_are_odd(root: Path) -> None:
    image = IMAGES[0]
    tables = root / "mimic"
    columns = ["dicom_id", "subject_id", "study_id", "ViewPosition", "Rows", "Columns"]
    row = (image.dicom_id, image.subject, image.study, "PA", 48, 41)
    tiny_reflacx.write_csv(tables / "mimic-cxr-2.0.0-metadata.csv.gz", columns, [row])
    columns = ["dicom_id", "study_id", "subject_id", "split"]
    row = (image.dicom_id, image.study, image.subject, "test")
    tiny_reflacx.write_csv(tables / "mimic-cxr-2.0.0-split.csv.gz", columns, [row])

    assert [(p.message, p.is_fatal) for p in found(root)] == [
        ("48 x 41 pixels, but 48 x 40 in metadata_phase_1.csv:2", False),
        ("split is test, but train in metadata_phase_1.csv:2", False),
    ]


def test_too_few_readings_are_odd(root: Path, main_data: Path) -> None:
    path = main_data / "metadata_phase_1.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))

    assert "has 4 readings, expected 5" in the_one(root).message


def test_a_missing_phase_is_fatal_only_when_asked_for(root: Path, main_data: Path) -> None:
    (main_data / "metadata_phase_3.csv").unlink()

    assert found(root) == []
    assert the_one(root, phases="1,2,3").is_fatal


def test_a_lost_transcription_is_odd(root: Path, main_data: Path) -> None:
    (main_data / READING / "transcription.txt").unlink()

    assert not the_one(root).is_fatal


def test_contradictions_between_rows_are_fatal(root: Path, main_data: Path) -> None:
    edit(main_data / "metadata_phase_1.csv", f"{READING},train", f"{READING},test")

    assert all(problem.is_fatal for problem in found(root)[:4])


def test_no_reflacx_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no metadata_phase_1\.csv"):
        found(tmp_path)
