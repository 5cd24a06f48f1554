"""Finding REFLACX and MIMIC-CXR wherever a download puts them, and saying what to pass."""

from __future__ import annotations

from pathlib import Path

import pytest

import tiny_reflacx
from gazebench.errors import DataError
from gazebench_plugins.datasets.reflacx import reflacx
from tiny_reflacx import IMAGES


@pytest.mark.parametrize(
    "below",
    [
        "",
        "1.0.0",
        "reflacx-xray-localization/1.0.0",
        "physionet.org/files/reflacx-xray-localization/1.0.0",
        "data/physionet.org/files/reflacx-xray-localization/1.0.0",
    ],
)
def test_reflacx_is_found_below_the_root(tmp_path: Path, below: str) -> None:
    tiny_reflacx.write_reflacx(tmp_path / below)

    assert len(reflacx.function(tmp_path).cases()) == 3


def test_main_data_itself_may_be_the_root_under_any_name(tmp_path: Path) -> None:
    renamed = tiny_reflacx.write_reflacx(tmp_path).rename(tmp_path / "gaze")

    assert len(reflacx.function(renamed).cases()) == 3


@pytest.mark.parametrize(
    "below",
    [
        "",
        "physionet.org/files/mimic-cxr-jpg/2.0.0",
        "physionet.org/files/mimic-cxr-jpg/2.1.0",
        "mimic-cxr-jpg-2.0.0.physionet.org",
        "somewhere/else",
    ],
)
def test_films_are_found_below_images(tmp_path: Path, below: str) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    tiny_reflacx.write_mimic(tmp_path / "films" / below)
    dataset = reflacx.function(tmp_path / "gaze", images=str(tmp_path / "films"))
    case = dataset.cases()[0]

    assert dataset.image(case).shape == case.size
    assert case.attributes["view"] == "PA"


def test_images_may_be_the_folder_called_files(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    mimic = tiny_reflacx.write_mimic(tmp_path / "films")
    dataset = reflacx.function(tmp_path / "gaze", images=str(mimic / "files"))

    assert dataset.cases()[0].has_image


def test_the_copy_with_most_films_wins(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    poor = tiny_reflacx.write_mimic(tmp_path / "films")
    tiny_reflacx.write_mimic(tmp_path / "films" / "physionet.org/files/mimic-cxr-jpg/2.1.0")
    (poor / "files" / IMAGES[1].folder / f"{IMAGES[1].dicom_id}.jpg").unlink()
    dataset = reflacx.function(tmp_path / "gaze", images=str(tmp_path / "films"))

    assert all(case.has_image for case in dataset.cases())


def test_plain_csv_tables_from_a_folder_of_their_own(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    mimic = tiny_reflacx.write_mimic(tmp_path / "films", suffix=".csv")
    tables = tmp_path / "tables"
    tables.mkdir()
    for table in mimic.glob("*.csv"):
        table.rename(tables / table.name)
    root = tmp_path / "gaze"

    assert "view" not in reflacx.function(root, images=str(mimic)).cases()[0].attributes
    views = [
        case.attributes["view"]
        for case in reflacx.function(root, images=str(mimic), tables=str(tables)).cases()
    ]
    assert views == ["PA", "AP", "AP"]


def test_a_missing_root(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere does not exist"):
        reflacx.function(tmp_path / "nowhere")


def test_no_root_at_all() -> None:
    with pytest.raises(DataError, match="no root was given") as caught:
        reflacx.function(None)
    assert "--data-root" in caught.value.do


def test_an_empty_root(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no metadata_phase_1.csv under .*: it is empty"):
        reflacx.function(tmp_path)


def test_a_root_with_other_things_says_what_it_holds(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).touch()

    with pytest.raises(DataError, match=r"it holds a\.txt, b\.txt"):
        reflacx.function(tmp_path)


def test_a_single_reading_says_which_folder_to_pass(tmp_path: Path) -> None:
    reading = tiny_reflacx.write_reflacx(tmp_path) / IMAGES[0].readings[0]

    with pytest.raises(DataError) as caught:
        reflacx.function(reading)
    assert caught.value.do == f"{reading.name} is a single reading; pass {tmp_path}"


def test_gaze_data_says_which_folder_to_pass(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path)
    (tmp_path / "gaze_data").mkdir()

    with pytest.raises(DataError) as caught:
        reflacx.function(tmp_path / "gaze_data")
    assert caught.value.do == f"gaze_data is a part of REFLACX; pass {tmp_path}"


def test_zip_files_want_to_be_extracted(tmp_path: Path) -> None:
    (tmp_path / "main_data.zip").touch()

    for root in (tmp_path, tmp_path / "main_data.zip"):
        with pytest.raises(DataError) as caught:
            reflacx.function(root)
        assert "extract" in caught.value.do


def test_readings_without_their_tables(tmp_path: Path) -> None:
    main_data = tiny_reflacx.write_reflacx(tmp_path)
    for table in main_data.glob("metadata_phase_*.csv"):
        table.unlink()

    with pytest.raises(DataError) as caught:
        reflacx.function(main_data)
    assert "readings without metadata_phase_1.csv" in caught.value.do


def test_mimic_given_as_root(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        reflacx.function(tiny_reflacx.write_mimic(tmp_path))
    assert "images=FOLDER" in caught.value.do


def test_two_copies_are_ambiguous(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tiny_reflacx.write_reflacx(tmp_path / name)

    with pytest.raises(DataError, match="2 copies of REFLACX"):
        reflacx.function(tmp_path)


def test_a_link_to_the_same_copy_is_not_ambiguous(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "1.0.0")
    (tmp_path / "latest").symlink_to(tmp_path / "1.0.0")

    assert len(reflacx.function(tmp_path).cases()) == 3


@pytest.mark.parametrize(
    ("images", "found"), [("nowhere", "no such folder"), ("gaze", "it holds main_data")]
)
def test_wrong_images_are_refused(tmp_path: Path, images: str, found: str) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")

    with pytest.raises(DataError, match=rf"holds no MIMIC-CXR.*{found}"):
        reflacx.function(tmp_path / "gaze", images=str(tmp_path / images))


def test_films_of_other_patients_are_refused(tmp_path: Path) -> None:
    tiny_reflacx.write_reflacx(tmp_path / "gaze")
    (tmp_path / "films" / "files" / "p10").mkdir(parents=True)

    with pytest.raises(DataError, match="3 of 3 films are missing"):
        reflacx.function(tmp_path / "gaze", images=str(tmp_path / "films"))
