"""A run becomes a record on a board, through the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import gazebench, refused
from gazebench.publish.board_file import read_board
from gazebench.publish.record_file import read_record
from run_folders import SCORES, open_run, run_folder


def texts(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_run_is_published_and_the_board_verifies(tmp_path: Path) -> None:
    """The diff comes first, record and board follow; publishing again changes nothing."""
    run, boards = open_run(tmp_path / "My Run"), tmp_path / "boards"

    dry = gazebench("publish", run, "--to", boards, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "phantom: sononet/gradcam/max enters at rank 1 with sauc 0.721" in dry.stdout
    assert not boards.exists()

    done = gazebench("publish", run, "--to", boards, "--title", "Two networks")
    assert done.returncode == 0, done.stderr
    assert done.stdout == dry.stdout
    assert "Left out, for saying too much about few images: few" in done.stderr
    stored = read_record(boards / "phantom" / "records" / "my-run.json")
    assert (stored.record.title, stored.record.suppressed) == ("Two networks", ("few",))
    assert (boards / "phantom" / "records" / "my-run.cases.json").is_file()
    assert gazebench("verify", boards).returncode == 0

    before = texts(boards)
    again = gazebench("publish", run, "--to", boards, "--title", "Two networks")
    assert again.stdout == "The board does not change.\n"
    assert texts(boards) == before


def test_a_second_record_joins_the_board(tmp_path: Path) -> None:
    """It is salted as the board says, and stands beside the first."""
    scores = {**SCORES, "sononet/gradcam/max": [0.8, 0.8, 0.8, 0.7, 0.8, 0.9, 0.9]}
    boards = tmp_path / "boards"
    gazebench("publish", open_run(tmp_path / "one"), "--to", boards)
    salt = read_board(boards / "phantom").salt

    done = gazebench("publish", open_run(tmp_path / "two", scores=scores), "--to", boards)

    assert done.returncode == 0, done.stderr
    assert "phantom: sononet/gradcam/max (two) enters at rank 1" in done.stdout
    assert "phantom: sononet/gradcam/max is called sononet/gradcam/max (one) now" in done.stdout
    assert read_board(boards / "phantom").salt == salt
    assert gazebench("verify", boards).returncode == 0


def test_restricted_case_scores_stay_at_home_unless_wanted(tmp_path: Path) -> None:
    """Restricted is claimed by default; who says yes carries them, who says no takes them back."""
    run, boards = run_folder(tmp_path / "run"), tmp_path / "boards"
    cases = boards / "reflacx" / "records" / "run.cases.json"

    for wanted, is_there in (("auto", False), ("yes", True), ("no", False)):
        done = gazebench("publish", run, "--to", boards, "--case-scores", wanted)
        assert done.returncode == 0, done.stderr
        assert cases.exists() is is_there
        assert gazebench("verify", boards).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere", "--to", "boards"], 6, "nowhere is no folder of a run"),
        (["run", "--to", "boards", "--name", "My Run"], 6, "is not lower-case letters"),
        (["run"], 2, "--to"),
    ],
)
def test_what_cannot_be_published_is_refused(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    """The message says what is wrong, and nothing is written."""
    open_run(tmp_path / "run")

    found = refused("publish", *arguments, cwd=tmp_path)

    assert (found[0], message in found[1]) == (code, True), found
    assert not (tmp_path / "boards").exists()
