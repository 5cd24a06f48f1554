"""What a run has recorded may be shared, moved and damaged: no score changes for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from commands import gazebench, refused

USAGE = 2
FILES = ("scores.parquet", "leaderboard.json", "leaderboard.csv", "checks.csv")
ASKED = ("--model", "sononet:weights=none", "--mixing", "max", "--metric", "ncc",
         "--floor", "uniform", "--min-readings", "3")  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded") / "data"
    made = gazebench(
        "dataset", "synthesize", "--cases", "8", "--size", "220x200", "--seed", "3",
        "--out", folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded") / "whole"
    done = gazebench("run", "--data-root", data, *ASKED, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_a_changed_bit_changes_no_score(data: Path, whole: Path, tmp_path: Path) -> None:
    """The middle of a part holds numbers, which any other bits are, too."""
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    part = next((folder / "cache" / "scores").glob("*/*.parquet"))
    content = bytearray(part.read_bytes())
    for place in range(len(content) // 8, len(content) // 2, 40):
        content[place] ^= 4
    part.write_bytes(content)

    done = gazebench("run", "--data-root", data, *ASKED, "--out", folder)

    assert done.returncode == 0, done.stderr
    assert results(folder) == results(whole)
    assert not part.exists()


def test_two_runs_may_fill_one_cache_at_once(data: Path, whole: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gazebench", "run", "--data-root", str(data), *ASKED,
               "--cache", str(tmp_path / "cache"), "--out"]  # fmt: skip
    folders = [tmp_path / name for name in ("one", "two")]

    both = [
        subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for folder in folders
    ]
    said = [process.communicate(timeout=300)[1].decode() for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert [results(folder) for folder in folders] == [results(whole)] * 2


def test_a_folder_that_was_moved_knows_how_far_it_is(whole: Path, tmp_path: Path) -> None:
    run = tmp_path / "there" / "run"
    shutil.copytree(whole, run)
    moved = run.parent.rename(tmp_path / "here") / "run"

    shutil.rmtree(moved / "cache" / "scores")
    lacking = gazebench("status", moved)
    shutil.copytree(whole / "cache" / "scores", moved / "cache" / "scores")
    done = gazebench("status", moved)

    assert "recorded: 0 of 8 cases" in lacking.stdout
    assert "recorded: 8 of 8 cases" in done.stdout


def test_a_run_that_was_killed_is_not_said_to_be_running(whole: Path, tmp_path: Path) -> None:
    """Its manifest says so still; whether a process is at work the lock alone knows."""
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    manifest = run / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(content | {"status": "running"}), encoding="utf-8")

    with FileLock(run / "cache" / "lock"):
        at_work = gazebench("status", run)
    killed = gazebench("status", run)

    assert at_work.stdout.startswith(f"{run}: running\n")
    assert killed.stdout.startswith(f"{run}: stopped, no process is at work\n")
    assert "go on with: gazebench run" in killed.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_may_have_any_name(data: Path, whole: Path, tmp_path: Path) -> None:
    """Bytes that are no text, an address, a partition of a table."""
    for name in (b"\xff\x1b[31m", b"file:x", b"reading=1"):
        folder = tmp_path / os.fsdecode(name)
        done = gazebench("run", "--data-root", data, *ASKED, "--out", folder)

        assert done.returncode == 0, done.stderr
        assert results(folder) == results(whole)
        assert gazebench("rank", folder).returncode == 0
        assert "\x1b" not in done.stdout + done.stderr


def test_a_share_is_not_replaced_by_the_run_it_is_of(data: Path, tmp_path: Path) -> None:
    share = tmp_path / "share"
    made = gazebench("run", "--data-root", data, *ASKED, "--shard", "1/1", "--out", share)
    before = (share / "manifest.json").read_bytes()

    code, said = refused("merge", share, "--out", share)

    assert (made.returncode, code) == (0, USAGE)
    assert "is a share" in said
    assert (share / "manifest.json").read_bytes() == before
