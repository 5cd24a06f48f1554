"""Labelled films of MIMIC-CXR-JPG, REFLACX's patients held out."""

from __future__ import annotations

from pathlib import Path

import pytest

import tiny_reflacx
from gazebench.errors import DataError
from gazebench_plugins.datasets.reflacx import reflacx
from tiny_reflacx import CHEXPERT, IMAGES


def by_subject(root: Path, **options: str):
    return {s.subject: s for s in reflacx.training(root, **options).samples()}


def test_labels_come_in_the_order_of_the_file(root: Path) -> None:
    assert reflacx.training(root).class_names == tuple(CHEXPERT)


def test_only_one_is_positive(root: Path) -> None:
    samples = {s.id: s for s in reflacx.training(root).samples()}

    # 1.0, 0.0, -1.0, then blanks
    assert samples[IMAGES[0].dicom_id].labels == (1.0, *[0.0] * 13)


def test_lateral_films_and_films_without_labels_are_left_out(root: Path) -> None:
    samples = reflacx.training(root).samples()

    assert [int(s.id[:8], 16) for s in samples] == [1, 2, 3, 4, 9]


def test_patients_of_phases_1_and_2_are_in_the_test_split(root: Path) -> None:
    splits = {s.id: s.split for s in reflacx.training(root).samples()}

    assert {splits[image.dicom_id] for image in IMAGES} == {"test"}  # 4 shares a patient with 1


def test_other_patients_keep_their_split(root: Path) -> None:
    assert by_subject(root)["99000009"].split == "train"


def test_patients_of_phase_3_are_held_out_when_it_is_asked_for(root: Path, main_data: Path) -> None:
    path = main_data / "metadata_phase_3.csv"
    text = path.read_text().replace("99000001", "99000009")
    path.write_text(text)

    assert by_subject(root)["99000009"].split == "train"
    assert by_subject(root, phases="1,2,3")["99000009"].split == "test"
    assert by_subject(root, phases="3")["99000001"].split == "test"


def test_films_are_read_at_any_size(root: Path) -> None:
    training = reflacx.training(root)
    sample = training.samples()[-1]

    assert training.image(sample).shape == (8, 8)


def test_plain_csv_will_do(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    tiny_reflacx.write_mimic(tmp_path / "mimic", suffix=".csv")

    assert len(reflacx.training(tmp_path).samples()) == 5


def test_a_patient_in_two_splits_is_refused(root: Path) -> None:
    path = root / "mimic" / "mimic-cxr-2.0.0-split.csv.gz"
    films = [(9, "train"), (11, "validate")]
    rows = [("-".join([f"{n:08x}"] * 5), 59000009, 99000009, split) for n, split in films]
    tiny_reflacx.write_csv(path, ["dicom_id", "study_id", "subject_id", "split"], rows)

    with pytest.raises(DataError, match="99000009 is in the splits train and validate"):
        reflacx.training(root).samples()


@pytest.mark.parametrize(("value", "expected"), [("2.0", "found '2.0'"), ("yes", "found 'yes'")])
def test_an_unknown_label_value_is_refused(root: Path, value: str, expected: str) -> None:
    path = root / "mimic" / "mimic-cxr-2.0.0-chexpert.csv.gz"
    row = (99000001, 59000001, value, *[""] * 13)
    tiny_reflacx.write_csv(path, ["subject_id", "study_id", *CHEXPERT], [row])

    with pytest.raises(DataError, match=rf"chexpert.csv.gz:2: .*{expected}"):
        reflacx.training(root).samples()


def test_a_missing_label_table_names_the_folders_searched(root: Path) -> None:
    with pytest.raises(DataError, match=r"mimic-cxr-2\.0\.0-negbio\.csv or \.csv\.gz is missing"):
        reflacx.training(root, labels="negbio").samples()


def test_a_missing_column_is_refused(root: Path) -> None:
    path = root / "mimic" / "mimic-cxr-2.0.0-chexpert.csv.gz"
    tiny_reflacx.write_csv(path, ["subject_id", "study_id", *CHEXPERT[1:]], [])

    with pytest.raises(DataError, match="'Atelectasis' is missing"):
        reflacx.training(root).samples()


def test_without_films_the_first_image_says_so(root: Path) -> None:
    (root / "mimic" / "files").rename(root / "mimic" / "hidden")
    (root / "mimic" / "hidden" / "p99").rename(root / "mimic" / "hidden" / "patients")
    training = reflacx.training(root)

    with pytest.raises(DataError, match="none of the first 6 films"):
        training.image(training.samples()[0])
