"""Validation of a folder dataset lists every fault at once."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from gazebench.spec import Problem
from gazebench_plugins.datasets.folder import folder

TOML = """
table = "gaze.csv"
images = "."
image_name = "{image}.png"
time_unit = "s"
pixels_per_degree = 4
[columns]
image = "image"
observer = "who"
x = "x"
y = "y"
start = "t0"
duration = "dt"
"""


def problems(root: Path, *rows: str, pictures: str = "ab") -> list[Problem]:
    (root / "gaze.csv").write_text("\n".join(["image,who,x,y,t0,dt", *rows]))
    (root / "gazebench-dataset.toml").write_text(TOML)
    for name in pictures:
        Image.new("L", (9, 7)).save(root / f"{name}.png")
    return list(folder.validate(root))


def test_a_good_folder(tmp_path: Path) -> None:
    assert problems(tmp_path, "a,1,1,1,0,1", "a,2,1,1,0,1", "b,1,1,1,0,1", "b,2,1,1,0,1") == []


def test_every_bad_cell_and_every_missing_picture(tmp_path: Path) -> None:
    found = problems(tmp_path, "a,1,?,1,0,1", "b,1,1,,0,1", "c,1,1,1,0,x", pictures="a")

    assert all(problem.is_fatal for problem in found)
    assert sorted(p.row for p in found if p.row) == [2, 3, 4]
    assert [Path(p.message.split()[2]).name for p in found if p.row is None] == ["b.png", "c.png"]


def test_negative_durations(tmp_path: Path) -> None:
    found = problems(tmp_path, "a,1,1,1,0,-1", "b,1,1,1,0,1", "b,1,1,1,2,-3")

    assert [(p.row, p.is_fatal) for p in found] == [(2, True), (4, True)]


def test_overlapping_fixations_and_lone_observers_are_odd(tmp_path: Path) -> None:
    found = problems(tmp_path, "a,1,1,1,0,5", "a,1,1,1,2,1", "a,2,1,1,0,1", "b,1,1,1,0,1")

    assert [p.is_fatal for p in found] == [False, False]
    assert "image b has 1 observers, expected 2" in found[0].message
    assert "1 fixations of 1 on a overlap in time" in found[1].message


def test_a_bad_description_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "gazebench-dataset.toml").write_text("table = 3")
    (found,) = folder.validate(tmp_path)

    assert found.is_fatal
