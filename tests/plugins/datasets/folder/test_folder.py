"""A folder of images with one table: what it becomes, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from gazebench.engine.config import RunConfig
from gazebench.engine.opening import open_run
from gazebench.errors import DataError
from gazebench.registry.host import Host
from gazebench.spec import Size
from gazebench_plugins.datasets.folder import folder

TABLE = """image,who,x,y,t0,dt,coder,site
a,1,3,4,100,200,RA,X
a,1,5,2,400,100,RA,X
a,2,-9,1.5,50,300,RA,X
b,1,7,0,0,250,RA,Y
b,2,1,1,10,20,RA,Y
b,2,2,2,15,10,MN,Y
"""
TOML = """
table = "gaze.csv"
images = "pictures"
image_name = "{image}-film.png"
time_unit = "ms"
pixels_per_degree = [4, 3]
keep = 'coder == "RA"'
attributes = ["site"]
[columns]
image = "image"
observer = "who"
x = "x"
y = "y"
start = "t0"
duration = "dt"
"""
WITHOUT_PICTURES = TOML.replace('images = "pictures"\nimage_name = "{image}-film.png"\n', "")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "gaze.csv").write_text(TABLE)
    (tmp_path / "gazebench-dataset.toml").write_text(TOML)
    (tmp_path / "pictures").mkdir()
    for name, (width, height) in {"a": (10, 8), "b": (9, 7)}.items():
        picture = Image.new("RGB", (width, height), (10, 20, 30))
        picture.save(tmp_path / "pictures" / f"{name}-film.png")
    return tmp_path


def describe(root: Path, text: str) -> None:
    (root / "gazebench-dataset.toml").write_text(text)


def change(root: Path, old: str, new: str, file: str = "gazebench-dataset.toml") -> None:
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))


def gaze(root: Path, case: int = 0, reading: int = 0) -> Any:
    dataset = folder.function(root)
    found = dataset.cases()[case]
    return dataset.fixations(found, found.readings[reading])


def test_images_are_cases_and_observers_readings(root: Path) -> None:
    a, b = folder.function(root).cases()

    assert (a.id, a.size, a.has_image) == ("a", Size(8, 10), True)
    assert [r.id for r in a.readings] == ["a/1", "a/2"]
    assert (b.id, b.size) == ("b", Size(7, 9))
    assert a.attributes == {"site": "X"}
    assert a.subject is None


def test_fixations_have_seconds_declared_sigma_and_the_whole_image(root: Path) -> None:
    found = gaze(root)

    assert found.x.tolist() == [3, 5]
    assert found.y.tolist() == [4, 2]
    np.testing.assert_allclose(found.start_s, [0.1, 0.4])
    np.testing.assert_allclose(found.end_s, [0.3, 0.5])
    assert found.sigma_x.tolist() == [4, 4]
    assert found.sigma_y.tolist() == [3, 3]
    assert found.shown.tolist() == [[0, 0, 10, 8]] * 2


def test_fixations_off_the_image_stay(root: Path) -> None:
    assert gaze(root, 0, 1).x.tolist() == [-9]


def test_rows_that_keep_excludes_are_gone(root: Path) -> None:
    assert len(gaze(root, 1, 1)) == 1


def test_bad_cells_in_excluded_rows_do_not_matter(root: Path) -> None:
    change(root, "b,2,2,2,15,10,MN", "b,2,?,2,15,-10,MN", "gaze.csv")

    assert len(gaze(root, 1, 1)) == 1


def test_keep_compares_numbers_as_numbers(root: Path) -> None:
    change(root, """keep = 'coder == "RA"'""", "keep = 't0 >= 100 and who == 1'")

    assert [case.id for case in folder.function(root).cases()] == ["a"]


def test_one_based_coordinates_are_shifted(root: Path) -> None:
    change(root, "[columns]", "origin = 1\n[columns]")

    assert gaze(root).x.tolist() == [2, 4]
    assert gaze(root).y.tolist() == [3, 1]


def test_without_start_fixations_follow_each_other(root: Path) -> None:
    change(root, 'start = "t0"\n', "")

    np.testing.assert_allclose(gaze(root).start_s, [0, 0.2])
    np.testing.assert_allclose(gaze(root).end_s, [0.2, 0.3])


def test_start_and_end(root: Path) -> None:
    change(root, 'duration = "dt"', 'end = "dt"')
    change(root, "100,200", "100,150", "gaze.csv")
    change(root, "400,100", "400,500", "gaze.csv")
    change(root, "10,20", "10,20", "gaze.csv")
    np.testing.assert_allclose(gaze(root).end_s, [0.15, 0.5])


def test_fixations_come_in_time_order(root: Path) -> None:
    change(root, "a,1,3,4,100,200", "a,1,3,4,900,200", "gaze.csv")

    assert gaze(root).x.tolist() == [5, 3]


def test_time_unit_of_seconds(root: Path) -> None:
    change(root, '"ms"', '"s"')

    assert gaze(root).start_s.tolist() == [100, 400]


def test_pictures_are_read(root: Path) -> None:
    dataset = folder.function(root)
    picture = dataset.image(dataset.cases()[0])

    assert picture.shape == (8, 10, 3)
    assert picture[0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("mode", "fill", "shape", "dtype"),
    [
        ("L", 7, (8, 10), np.uint8),
        ("1", 1, (8, 10), np.uint8),
        ("LA", (7, 9), (8, 10), np.uint8),
        ("P", 3, (8, 10, 3), np.uint8),
        ("RGBA", (1, 2, 3, 4), (8, 10, 3), np.uint8),
        ("I;16", 700, (8, 10), np.uint16),
    ],
)
def test_picture_modes(root: Path, mode: str, fill: Any, shape: Any, dtype: Any) -> None:
    Image.new(mode, (10, 8), fill).save(root / "pictures" / "a-film.png")
    dataset = folder.function(root)
    picture = dataset.image(dataset.cases()[0])

    assert (picture.shape, picture.dtype) == (shape, dtype)


def test_without_pictures_the_size_is_declared(root: Path) -> None:
    describe(root, f"size = [20, 30]\n{WITHOUT_PICTURES}")
    dataset = folder.function(root)
    case = dataset.cases()[0]

    assert (case.size, case.has_image) == (Size(20, 30), False)
    with pytest.raises(DataError, match="names no folder of images"):
        dataset.image(case)


def test_without_pictures_columns_may_give_the_size(root: Path) -> None:
    describe(root, f'{WITHOUT_PICTURES}width = "w"\nheight = "h"\n')
    lines = TABLE.splitlines()
    (root / "gaze.csv").write_text(
        "\n".join([f"{lines[0]},w,h", *(f"{line},30,20" for line in lines[1:])])
    )

    assert folder.function(root).cases()[1].size == Size(20, 30)


def test_parquet_with_typed_columns(root: Path) -> None:
    table = pa.table(
        {
            "image": pa.array(["a", "a", "b"]).dictionary_encode(),
            "who": [1, 2, 1],
            "x": pa.array([3, 4, 5], pa.float32()),
            "y": [1, 2, 3],
            "t0": [0, 0, 0],
            "dt": [10, 10, 10],
            "coder": ["RA", "RA", "RA"],
            "site": [1, 1, 2],
        }
    )
    pq.write_table(table, root / "gaze.parquet")
    change(root, "gaze.csv", "gaze.parquet")
    cases = folder.function(root).cases()

    assert [[r.id for r in case.readings] for case in cases] == [["a/1", "a/2"], ["b/1"]]
    assert cases[1].attributes == {"site": 2}
    assert gaze(root).x.tolist() == [3]


def test_compressed_csv(root: Path) -> None:
    (root / "gaze.csv.gz").write_bytes(gzip.compress((root / "gaze.csv").read_bytes()))
    expected = folder.function(root).cases()
    change(root, "gaze.csv", "gaze.csv.gz")

    assert folder.function(root).cases() == expected


def test_the_root_may_be_the_description(root: Path) -> None:
    renamed = (root / "gazebench-dataset.toml").rename(root / "other.toml")

    assert len(folder.function(renamed).cases()) == 2


def test_the_description_may_lie_elsewhere(root: Path, tmp_path_factory: Any) -> None:
    elsewhere = tmp_path_factory.mktemp("descriptions") / "mine.toml"
    (root / "gazebench-dataset.toml").rename(elsewhere)

    assert len(folder.function(root, description=str(elsewhere)).cases()) == 2


def test_paths_may_be_absolute(root: Path, tmp_path_factory: Any) -> None:
    elsewhere = tmp_path_factory.mktemp("descriptions") / "mine.toml"
    text = TOML.replace('"gaze.csv"', f'"{root}/gaze.csv"').replace(
        '"pictures"', f'"{root}/pictures"'
    )
    elsewhere.write_text(text)

    assert len(folder.function(elsewhere).cases()) == 2


def test_a_patient_column_names_the_subject(root: Path) -> None:
    change(root, "[columns]", '[columns]\npatient = "site"')

    assert [case.subject for case in folder.function(root).cases()] == ["X", "Y"]


def test_cases_are_complete_with_the_observers_they_have(root: Path) -> None:
    assert [case.is_complete for case in folder.function(root).cases()] == [True, True]


def test_a_lone_observer_does_not_complete_an_image_when_others_have_several(root: Path) -> None:
    change(root, "a,2,-9", "b,2,-9", "gaze.csv")
    change(root, "50,300,RA,X", "50,300,RA,Y", "gaze.csv")

    assert [case.is_complete for case in folder.function(root).cases()] == [False, True]


def test_a_table_of_one_observer_is_complete(root: Path) -> None:
    change(root, """keep = 'coder == "RA"'""", "keep = 'who == 1'")

    assert all(case.is_complete for case in folder.function(root).cases())


def test_expected_readings_may_be_declared(root: Path) -> None:
    change(root, "[columns]", "expected_readings = 3\n[columns]")

    assert not any(case.is_complete for case in folder.function(root).cases())


def test_restricted_unless_declared_otherwise(root: Path) -> None:
    assert folder.function(root).restricted
    change(root, "[columns]", 'restricted = false\ntitle = "Open"\n[columns]')
    opened = folder.function(root)

    assert (opened.restricted, opened.title) == (False, "Open")


@pytest.mark.parametrize("said", [True, False])
def test_a_run_heeds_what_the_folder_says(root: Path, said: bool) -> None:
    change(root, "[columns]", f"restricted = {str(said).lower()}\n[columns]")
    config = RunConfig(dataset="folder", data_root=root, floors=("uniform",))

    assert open_run(config, Host()).is_restricted is said


def test_the_fingerprint_follows_what_decides_the_gaze(root: Path) -> None:
    seen = [folder.function(root).fingerprint()]
    change(root, "[columns]", 'title = "renamed"\n[columns]')
    assert folder.function(root).fingerprint() == seen[0]
    for old, new, file in (
        ("[4, 3]", "[4, 4]", "gazebench-dataset.toml"),
        ("a,1,3,4", "a,1,3,5", "gaze.csv"),
    ):
        change(root, old, new, file)
        seen.append(folder.function(root).fingerprint())

    assert len(set(seen)) == 3


DESCRIPTIONS = [
    ("table =", "tabel =", "unknown key 'tabel'", "did you mean 'table'?"),
    ('observer = "who"', 'observr = "who"', "unknown key 'columns.observr'", "'observer'?"),
    ("pixels_per_degree = [4, 3]", "", "pixels_per_degree must be a positive number", ""),
    ("[4, 3]", "0", "pixels_per_degree must be a positive number", ""),
    ("[4, 3]", "[4, 3, 2]", "found [4, 3, 2]", ""),
    ('"ms"', '"min"', 'time_unit must be "s" or "ms", found \'min\'', ""),
    ('time_unit = "ms"', "", "time_unit must be", ""),
    ("{image}-film.png", "film.png", 'image_name must be a text with "{image}"', ""),
    ('x = "x"', "", "columns.x must be the name of a column, found nothing", ""),
    ('x = "x"', "x = 3", "columns.x must be the name of a column, found 3", ""),
    ('duration = "dt"', "", "columns must name either duration or end", ""),
    ('duration = "dt"', 'duration = "dt"\nend = "dt"', "either duration or end", ""),
    ('start = "t0"\nduration = "dt"', 'end = "dt"', "columns.end needs columns.start", ""),
    ("[columns]", "size = [0, 4]\n[columns]", "size must be [height, width]", ""),
    ("[columns]", "origin = true\n[columns]", "origin must be a number", ""),
    ("[columns]", "restricted = 1\n[columns]", "restricted must be true or false", ""),
    ("[columns]", "expected_readings = 0\n[columns]", "must be a whole number", ""),
    ('x = "x"', 'x = "x"\nwidth = "x"', "width and columns.height come together", ""),
    ("[columns]", "[[[", "is not valid TOML", ""),
    ("[columns]", "[colums]", "unknown key 'colums'", "did you mean 'columns'?"),
    ('x = "x"', 'x = "xx"', "gaze.csv:1: the column 'xx' is missing; found image, who", ""),
    ("gaze.csv", "gaze.txt", "is none of .csv, .csv.gz, .parquet", ""),
    ("gaze.csv", "gone.csv", "gone.csv: does not exist", ""),
    ('"RA"', '"XX"', "leaves none of 6 rows", ""),
    ("coder ==", "codr ==", "the column 'codr' is missing", "did you mean 'coder'?"),
    ("coder ==", "coder =", "keep: ", ""),
    ("coder ==", "coder > 3 and coder ==", "keep: ", ""),
    ("""'coder == "RA"'""", "'1 == 1'", "names no column", ""),
    ('["site"]', '["t0"]', "gaze.csv:3: t0 of a is 400, but 100 in an earlier row", ""),
    ('"pictures"', '"nowhere"', "2 of 2 images are missing in", ""),
    ("{image}-film", "{image}", "a.png, b.png", "mend images or image_name"),
    ("{image}-film", "../{image}", "leads out of", ""),
    (
        "[columns]",
        "size = [8, 10]\n[columns]",
        "7 x 9 pixels (height x width), expected 8 x 10",
        "",
    ),
]


@pytest.mark.parametrize(("old", "new", "message", "do"), DESCRIPTIONS)
def test_a_bad_description(root: Path, old: str, new: str, message: str, do: str) -> None:
    change(root, old, new)

    with pytest.raises(DataError) as caught:
        folder.function(root)
    assert message in caught.value.message
    assert do in caught.value.do
    assert caught.value.do


def test_nothing_says_how_large_the_images_are(root: Path) -> None:
    describe(root, WITHOUT_PICTURES)

    with pytest.raises(DataError, match="nothing says how large"):
        folder.function(root)


ROWS = [
    ("a,1,5,2,400,100", "a,1,,2,400,100", "gaze.csv:3: x must be a number, found ''"),
    ("a,1,5,2,400,100", "a,1,nan,2,400,100", "gaze.csv:3: x must be a number, found 'nan'"),
    ("a,1,5,2,400,100", "a,1,5,2,400,-1", "gaze.csv:3: the fixation has a negative duration"),
    ("a,1,5,2,400,100", ",1,5,2,400,100", "gaze.csv:3: image is blank"),
    ("a,1,5,2,400,100,RA,X", "a,1,5,2", "gaze.csv: cannot be read: CSV parse error"),
    ("image,who,x,y", "image,who,x,x", "gaze.csv:1: the column"),
]


@pytest.mark.parametrize(("old", "new", "message"), ROWS)
def test_a_bad_row(root: Path, old: str, new: str, message: str) -> None:
    change(root, old, new, "gaze.csv")

    with pytest.raises(DataError) as caught:
        folder.function(root)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"image,who\n", "holds no row")]
)
def test_an_empty_table(root: Path, content: bytes, message: str) -> None:
    (root / "gaze.csv").write_bytes(content)

    with pytest.raises(DataError, match=message):
        folder.function(root)


def test_a_damaged_table(root: Path) -> None:
    for name in ("gaze.csv.gz", "gaze.parquet"):
        (root / name).write_bytes(b"PAR1 or not")
        describe(root, TOML.replace("gaze.csv", name))
        with pytest.raises(DataError, match=f"{name}: cannot be read"):
            folder.function(root)


@pytest.mark.parametrize("number", ["1_0", "0x10", "1e999"])
def test_what_is_a_number_to_some_alone_is_named(root: Path, number: str) -> None:
    change(root, "a,1,3,4", f"a,1,{number},4", "gaze.csv")

    with pytest.raises(DataError, match=rf"gaze\.csv.*2: x must be a number, found '{number}'"):
        folder.function(root).cases()


def test_a_number_may_have_its_sign(root: Path) -> None:
    change(root, "a,1,3,4", "a,1,+3,4", "gaze.csv")

    assert gaze(root, 0, 0).x[0] == 3


def test_a_header_that_is_not_utf8(root: Path) -> None:
    table = root / "gaze.csv"
    table.write_bytes(table.read_bytes().replace(b"coder", b"\xe4rztin", 1))

    with pytest.raises(DataError, match=r"gaze\.csv: is not UTF-8 text"):
        folder.function(root)


def test_a_truncated_picture(root: Path) -> None:
    path = root / "pictures" / "a-film.png"
    Image.effect_noise((10, 8), 50).save(path)
    path.write_bytes(path.read_bytes()[:60])
    dataset = folder.function(root)

    with pytest.raises(DataError, match=r"a-film\.png cannot be read as a picture"):
        dataset.image(dataset.cases()[0])


def test_an_absurd_picture_is_refused_before_it_is_decoded(root: Path) -> None:
    bitmap = Image.new("1", (20_000, 20_000))
    bitmap.save(root / "pictures" / "a-film.png")

    with pytest.raises(DataError, match="pixels"):
        folder.function(root)


def test_no_picture_at_all(root: Path) -> None:
    (root / "pictures" / "a-film.png").write_text("hello")

    with pytest.raises(DataError, match="cannot be read as a picture"):
        folder.function(root)


def test_no_description(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no gazebench-dataset\.toml"):
        folder.function(tmp_path)
    with pytest.raises(DataError, match="is no folder"):
        folder.function(tmp_path / "nowhere")
    with pytest.raises(DataError, match="does not exist"):
        folder.function(tmp_path, description=str(tmp_path / "nowhere.toml"))
    with pytest.raises(DataError, match="no root was given"):
        folder.function(None)
