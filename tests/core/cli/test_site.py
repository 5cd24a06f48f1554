"""`gazebench site`, as a user runs it."""

from __future__ import annotations

from pathlib import Path

from board_folders import write_board
from commands import gazebench
from submissions import entry, scored


def test_a_board_becomes_a_folder_of_pages(tmp_path: Path) -> None:
    """From the files in a repository to pages, through the command line."""
    write_board(tmp_path / "boards" / "toy", [scored("mine", {"m": entry(0.0, 1)})])

    done = gazebench("site", tmp_path / "boards", "--out", tmp_path / "site")

    assert done.returncode == 0, done.stderr
    assert f"Open {tmp_path / 'site' / 'index.html'}" in done.stdout
    assert ">m</a>" in (tmp_path / "site" / "toy" / "index.html").read_text("utf-8")


def test_what_is_no_board_is_refused_in_one_message(tmp_path: Path) -> None:
    done = gazebench("site", tmp_path / "nothing", "--out", tmp_path / "site")

    assert done.returncode != 0
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "site").exists()
