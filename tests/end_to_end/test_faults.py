"""Plugins that fail, hang or misbehave, and disks that are full: the rest of a run goes on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from commands import gazebench, refused

PLUGIN = 4
PLAIN = ("--metric", "ncc", "--floor", "uniform", "--min-readings", "3")
TORN = """
import numpy as np
from gazebench import image_method

@image_method()
def right(image):
    return image

@image_method()
def torn(image):
    raise ValueError("torn")
"""


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a phantom of three shards."""
    folder = tmp_path_factory.mktemp("faults") / "data"
    made = gazebench(
        "dataset", "synthesize", "--cases", "20", "--size", "220x200", "--seed", "7",
        "--out", folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


def plugin(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


def without_case(message: str) -> str:
    """Return the error and what to do, without the case that it names."""
    return re.sub(r"on case [0-9a-f-]+", "on case", "\n".join(message.splitlines()[-2:]))


@pytest.mark.parametrize("elsewhere", [(), ("--workers", "2")])
def test_a_run_stops_where_more_fails_than_may(
    phantom: Path, tmp_path: Path, elsewhere: tuple[str, ...]
) -> None:
    """What is scored is kept; the mended plugin makes its own scores alone."""
    mine = plugin(tmp_path, TORN)
    command = ("run", "--data-root", phantom, *PLAIN, "--model", "sononet:weights=none",
               "--mixing", "max", "--plugin", mine, "--method", "gradcam", "--method", "right",
               "--method", "torn", "--out", tmp_path / "run")  # fmt: skip

    code, message = refused(*command, *elsewhere, "--max-failures", "3")
    again, same = refused(*command, *elsewhere, "--max-failures", "3")
    log = (tmp_path / "run" / "failures.log").read_text()
    plugin(tmp_path, TORN.replace("raise", "return image #"))
    done = gazebench(*command, *elsewhere, "--max-failures", "3")

    assert (code, again) == (PLUGIN, PLUGIN)
    assert "--max-failures allows 3; the last is of torn on case" in message
    assert "torn raised ValueError: torn (mine.py:" in message
    # Of two processes, either may be the first to have recorded its shard.
    assert without_case(message) == without_case(same)
    assert message.splitlines()[-2:] == same.splitlines()[-2:] or elsewhere
    assert "raise ValueError" in log
    assert done.returncode == 0, done.stderr
    assert "were recorded already" in done.stderr
    assert not (tmp_path / "run" / "failures.log").exists()


@pytest.mark.parametrize(("limit", "is_enough"), [("0.5", True), ("0.2", False)])
def test_a_limit_may_be_a_fraction(
    phantom: Path, tmp_path: Path, limit: str, is_enough: bool
) -> None:
    """Twenty of sixty fail: `torn` on every case, `right` and the floor on none."""
    command = ("run", "--data-root", phantom, *PLAIN, "--plugin",
               plugin(tmp_path, TORN), "--method", "right", "--method", "torn",
               "--out", tmp_path / "run")  # fmt: skip

    code, message = refused(*command, "--max-failures", limit)

    assert code == PLUGIN, message
    assert (tmp_path / "run" / "leaderboard.md").exists() is is_enough


DEADLY = """
import ctypes, os, time
from gazebench import floor, image_method, metric

@image_method()
def right(image):
    return image

@image_method()
def leaves(image):
    if "KEPT" in os.environ:
        os._exit(3)
    return image

@image_method()
def crashes(image):
    if image.mean() > MEAN:
        ctypes.string_at(0)
    return image

@image_method()
def hangs(image):
    if image.mean() > MEAN:  # a call into C that keeps Python's lock: a lock that is its own
        library, lock = ctypes.PyDLL(None), ctypes.create_string_buffer(64)
        library.pthread_mutex_lock(lock)
        library.pthread_mutex_lock(lock)
    return image

@metric(needs={"reference"}, range=(0, 1), higher_is_better=True, chance=None, version=1)
def ends(scored, target):
    os._exit(0)
"""


def means(phantom: Path) -> list[float]:
    """Return the brightness of every film, from 0 to 1, in order of size."""
    films = sorted(phantom.rglob("*.jpg"))
    return sorted(float(np.asarray(Image.open(film), np.float32).mean() / 255) for film in films)


@pytest.mark.skipif(sys.platform != "linux", reason="a deadlock is made by glibc's lock")
def test_a_plugin_that_ends_its_process_costs_itself_alone(phantom: Path, tmp_path: Path) -> None:
    """By `os._exit`, a crash in C or a call that keeps Python's lock for ever."""
    brightest = means(phantom)[-2:]
    text = DEADLY.replace("MEAN", str(sum(brightest) / 2))
    asked = [
        word for name in ("right", "leaves", "crashes", "hangs") for word in ("--method", name)
    ]
    out = tmp_path / "run"

    code, said = refused(
        "run", "--data-root", phantom, *PLAIN, "--plugin", plugin(tmp_path, text), *asked,
        "--metric", "ends", "--workers", "2", "--plugin-timeout", "1", "--out", out,
        env={"KEPT": "1"},
    )  # fmt: skip

    said, table = " ".join(said.split()), pd.read_parquet(out / "scores.parquet")
    ncc = table[table["metric"] == "ncc"].drop_duplicates(["entry", "case"])
    failed = {entry: list(rows["reason"]) for entry, rows in
              ncc[ncc["status"] == "failed"].groupby("entry")}  # fmt: skip
    assert code == PLUGIN
    assert "leaves ended its process (exit code 3)" in said
    assert "ends ended its process (exit code 0)" in said
    assert failed.keys() == {"leaves", "crashes", "hangs"}
    assert failed["crashes"] == ["crashes ended its process (SIGSEGV)"]
    assert failed["hangs"] == ["hangs did not return in 1 s, and its process was ended"]
    assert len(failed["leaves"]) == 20
    assert "leaves ended 6 processes, and is not asked any more" in failed["leaves"]
    assert not any((out / "cache" / "at_work").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_the_next_attempt_says_what_ended_the_last(phantom: Path, tmp_path: Path) -> None:
    command = ("run", "--data-root", phantom, *PLAIN, "--plugin", plugin(tmp_path, DEADLY),
               "--method", "right", "--method", "leaves", "--out", tmp_path / "run")  # fmt: skip

    ended = gazebench(*command, env={"KEPT": "1"})
    done = gazebench(*command)
    again = gazebench(*command)

    assert ended.returncode == 3
    assert done.returncode == again.returncode == 0, done.stderr
    assert "an earlier attempt was killed, or ended by a plugin" in " ".join(done.stderr.split())
    assert "at leaves (case " in " ".join(done.stderr.split())
    assert "earlier attempt" not in again.stderr
