"""Plugins that fail, hang or misbehave, and disks that are full: the rest of a run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert message.splitlines()[-2:] == same.splitlines()[-2:]
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
