"""Bad input ends in one clear message and its exit code, with nothing half-written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from commands import gazebench, refused

USAGE, DATA, PLUGIN, RUN = 2, 3, 4, 5


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "data"
    done = gazebench(
        "dataset", "synthesize", "--cases", "3", "--size", "300x260", "--seed", "5",
        "--out", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def write_plugin(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--dataset", "reflacx"], USAGE, ["reflacx", "--data-root"]),
        (["--dataset", "reflacx", "--data-root", "nowhere"], DATA, ["nowhere"]),
        (["--dataset", "reflakx"], PLUGIN, ["reflakx", "did you mean", "reflacx"]),
        (["--model", "sononett"], PLUGIN, ["sononett", "did you mean", "sononet"]),
        (["--method", "gradcan", "--model", "sononet"], PLUGIN, ["did you mean", "gradcam"]),
        (["--metric", "nccc"], PLUGIN, ["nccc", "did you mean", "ncc"]),
        (["--mixing", "unifrom", "--model", "sononet"], USAGE, ["unifrom", "did you mean"]),
        (["--subset", "abnormall"], PLUGIN, ["abnormall", "did you mean", "abnormal"]),
        (["--subset", "x=hight > 3"], USAGE, ["hight", "did you mean", "height"]),
        (["--subset", "x=height >"], USAGE, ["height >"]),
        (["--rank-by", "ssauc"], USAGE, ["ssauc", "did you mean", "sauc"]),
        (["--device", "gpu7"], USAGE, ["gpu7"]),
        (["--dataset-option", "phases"], USAGE, ["KEY=VALUE"]),
        (["--dataset-option", "fases=1"], USAGE, ["fases"]),
        (["--model", "sononet:wieghts=none"], USAGE, ["wieghts", "did you mean", "weights"]),
        (["--plugin", "absent.py"], PLUGIN, ["absent.py"]),
        (["--seed", "-1"], USAGE, ["seeds must not be negative"]),
        (["absent.toml"], USAGE, ["absent.toml"]),
    ],
)
def test_a_name_or_value_that_makes_no_sense(
    phantom: Path, tmp_path: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    root = [] if "--data-root" in arguments or "reflacx" in arguments else ["--data-root", phantom]

    found, message = refused("run", *root, *arguments, cwd=tmp_path)

    assert found == code, message
    assert all(word in message for word in words), message
    assert list(tmp_path.iterdir()) == []


def test_a_plugin_that_raises_on_import(phantom: Path, tmp_path: Path) -> None:
    plugin = write_plugin(tmp_path, "import numpy\nraise ImportError('no module named magic')\n")

    done = gazebench("run", "--data-root", phantom, "--plugin", plugin)

    assert done.returncode == PLUGIN
    assert "mine.py:2: ImportError: no module named magic" in done.stderr
    assert (
        "raise ImportError" in done.stderr
    )  # the author sees the line, and only lines of the plugin
    assert "core/gazebench" not in done.stderr


NAN_METHOD = """
import numpy as np
from gazebench import image_method

@image_method()
def broken(image):
    return np.full(image.shape, np.nan)
"""
WRONG_SHAPE = NAN_METHOD.replace("np.full(image.shape, np.nan)", "np.zeros((3, 4, 5))")
RAISES = NAN_METHOD.replace("np.full(image.shape, np.nan)", "1 / 0")
WRONG_CLASSES = """
import torch
from gazebench import method

@method(needs={"logits"})
def broken(model, images, classes):
    return torch.zeros(len(images), 3, 7, 7)
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NAN_METHOD, ["broken", "NaN"]),
        (WRONG_SHAPE, ["broken", "(3, 4, 5)"]),
        (RAISES, ["broken", "ZeroDivisionError"]),
        (WRONG_CLASSES, ["broken", "3"]),
    ],
)
def test_a_plugin_whose_maps_are_unusable_is_named_and_the_rest_is_written(
    phantom: Path, tmp_path: Path, text: str, words: list[str]
) -> None:
    plugin = write_plugin(tmp_path, text)
    out = tmp_path / "run"

    code, message = refused(
        "run", "--data-root", phantom, "--min-readings", "3", "--plugin", plugin,
        "--model", "sononet", "--mixing", "max", "--out", out,
    )  # fmt: skip

    assert code == PLUGIN
    assert all(word in message for word in words), message
    board = (out / "leaderboard.md").read_text()
    assert "sononet/gradcam/max" in board
    assert "broken" in board


def test_an_output_folder_that_is_somebody_elses(phantom: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")

    code, message = refused("run", "--data-root", phantom, "--out", tmp_path)

    assert code == RUN
    assert "thesis.tex" in message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_output_that_cannot_be_written(phantom: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    code, message = refused("run", "--data-root", phantom, "--out", tmp_path / "file" / "run")

    assert code == RUN
    assert "cannot write" in message


def spoil(phantom: Path, folder: Path, name: str, change: tuple[str, str]) -> Path:
    """Copy the phantom and change the first file of a name."""
    import shutil

    copy = folder / "spoilt"
    shutil.copytree(phantom, copy)
    path = next(p for p in sorted(copy.rglob(name)))
    text = path.read_bytes().decode()
    assert change[0] in text
    path.write_bytes(text.replace(*change, 1).encode())
    return copy


def test_a_missing_column_is_named(phantom: Path, tmp_path: Path) -> None:
    root = spoil(phantom, tmp_path, "fixations.csv", ("y_position", "why_position"))

    code, message = refused("run", "--data-root", root, "--out", tmp_path / "run")

    assert code == DATA
    assert "y_position" in message
    assert "fixations.csv" in message
    assert not (tmp_path / "run").exists()


def test_an_empty_fixation_file_is_named(phantom: Path, tmp_path: Path) -> None:
    root = spoil(phantom, tmp_path, "fixations.csv", ("", ""))
    path = next(p for p in sorted(root.rglob("fixations.csv")))
    path.write_bytes(b"")

    code, message = refused("run", "--data-root", root, "--out", tmp_path / "run")

    assert code == DATA
    assert "fixations.csv" in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda t: t.rename(columns={"x_position": "y_position", "y_position": "x_position"}),
            "x and y of the fixations look exchanged",
        ),
        (
            lambda t: t.assign(x_position=t.x_position / 260, y_position=t.y_position / 300),
            "they look like parts of the image",
        ),
    ],
)
def test_gaze_with_exchanged_axes_or_in_other_units_is_told(
    tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    folder, run = tmp_path / "data", tmp_path / "run"
    made = gazebench("dataset", "synthesize", "--cases", "8", "--seed", "5", "--out", folder)
    assert made.returncode == 0, made.stderr
    for table in folder.rglob("fixations.csv"):
        change(pd.read_csv(table)).to_csv(table, index=False)

    code, message = refused("run", "--data-root", folder, "--metric", "ncc", "--out", run)
    listed = gazebench("dataset", "validate", "phantom", "--data-root", folder, "--json")

    assert (code, listed.returncode) == (DATA, DATA)
    assert words in message
    assert words in json.loads(listed.stdout)[0]["message"]
    assert not (run / "leaderboard.md").exists()


def test_an_unknown_label_is_named(phantom: Path, tmp_path: Path) -> None:
    root = spoil(phantom, tmp_path, "metadata_phase_1.csv", ("Consolidation", "Consolidations"))

    code, message = refused("run", "--data-root", root, "--out", tmp_path / "run")

    assert code == DATA
    assert "Consolidations" in message


def test_a_wrong_folder_level_says_what_to_pass(phantom: Path, tmp_path: Path) -> None:
    reading = next(p for p in sorted(phantom.rglob("fixations.csv"))).parent

    code, message = refused("run", "--data-root", reading, "--out", tmp_path / "run")

    assert code == DATA
    assert "Do:" in message


def test_an_image_of_another_size_is_named(phantom: Path, tmp_path: Path) -> None:
    import shutil

    from PIL import Image

    root = tmp_path / "spoilt"
    shutil.copytree(phantom, root)
    for path in sorted(root.rglob("*.jpg")):
        with Image.open(path) as image:
            smaller = image.resize((image.width - 1, image.height))
        smaller.save(path)

    code, message = refused("run", "--data-root", root, "--out", tmp_path / "run")

    assert code == DATA
    assert ".jpg" in message


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
def test_an_interrupted_run_leaves_no_half_board(phantom: Path, tmp_path: Path) -> None:
    import signal
    import subprocess
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "gazebench", "run", "--data-root", str(phantom), "--json",
         "--min-readings", "3", "--out", str(tmp_path / "run")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()  # the run has started
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=120)

    assert process.returncode == 130
    assert "Traceback" not in complaint
    assert not (tmp_path / "run" / "leaderboard.md").exists()


EVIL = r"""
from gazebench import image_method

@image_method()
def evil(image):
    raise ValueError("boom \x1b[2J\x1b]0;pwn\x07 \u202e <script> =1+1 \\input{x}")
"""


def test_nothing_that_a_plugin_says_steers_the_terminal(phantom: Path, tmp_path: Path) -> None:
    plugin = write_plugin(tmp_path, EVIL)

    done = gazebench(
        "run", "--data-root", phantom, "--method", "evil", "--plugin", plugin, "--metric", "ncc",
        "--floor", "uniform", "--min-readings", "1", "--out", tmp_path / "run",
    )  # fmt: skip

    texts = [p.read_text("utf-8") for p in (tmp_path / "run").iterdir()
             if p.suffix in {".md", ".csv", ".tex", ".json", ".log"}]  # fmt: skip
    assert done.returncode == PLUGIN
    assert "boom" in done.stderr
    for text in (done.stdout, done.stderr, *texts):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


@pytest.mark.parametrize("more", [[], ["--workers", "2"]])
def test_a_run_stops_when_more_fails_than_is_allowed(
    phantom: Path, tmp_path: Path, more: list[str]
) -> None:
    plugin = write_plugin(tmp_path, EVIL)
    command = [
        "run", "--data-root", phantom, "--method", "evil", "--plugin", plugin, "--metric", "ncc",
        "--floor", "uniform", "--min-readings", "1", *more, "--out", tmp_path / "run",
    ]  # fmt: skip

    code, said = refused(*command, "--max-failures", "2")
    again, same = refused(*command, "--max-failures", "2")
    enough, _ = refused(*command, "--max-failures", "3")

    assert code == again == enough == PLUGIN
    assert "3 failures, and --max-failures allows 2" in " ".join(said.split())
    assert "evil raised ValueError" in " ".join(said.split())
    assert "3 failures" in " ".join(same.split())
    assert (tmp_path / "run" / "leaderboard.md").exists()


SLOW = """
import time
from gazebench import image_method, metric
import numpy as np

@image_method()
def sleepy(image):
    if int(image.sum()) % 2:
        time.sleep(3600)
    return image

@image_method()
def stubborn(image):
    while True:
        try:
            time.sleep(3600)
        except ValueError:
            pass

@metric(needs={"reference"}, range=(0, 1), higher_is_better=True, chance=None, version=1)
def endless(scored, target):
    while True:
        pass
"""


def test_a_plugin_that_never_returns_costs_itself(phantom: Path, tmp_path: Path) -> None:
    plugin = write_plugin(tmp_path, SLOW)

    code, said = refused(
        "run", "--data-root", phantom, "--method", "stubborn", "--method", "sleepy", "--plugin",
        plugin, "--metric", "ncc", "--metric", "endless", "--floor", "uniform", "--floor",
        "centre_bias", "--min-readings", "1", "--plugin-timeout", "0.3", "--out", tmp_path / "run",
    )  # fmt: skip

    said = " ".join(said.split())
    assert code == PLUGIN
    assert "stubborn raised DeadlineError: took longer than 0.3 s" in said
    assert "endless raised DeadlineError" in said
    table = pd.read_parquet(tmp_path / "run" / "scores.parquet")
    ncc = table[table["metric"] == "ncc"]
    assert set(ncc.loc[ncc["entry"] == "centre_bias", "status"]) == {"ok"}
    assert set(table.loc[table["metric"] == "endless", "status"]) == {"failed"}
