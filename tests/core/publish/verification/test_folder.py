"""What may lie in a folder of leaderboards."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.errors import RecordError
from gazebench.publish.verification.folder import find, record_name, strangers


@pytest.fixture
def boards(tmp_path: Path) -> Path:
    """Make a folder of two boards with three records and everything that belongs there."""
    files = (
        "README.md", "site/index.html", "site/assets/site.css",
        "phantom/board.json", "phantom/board.md", "phantom/board.csv", "phantom/board.tex",
        "phantom/records/a.json", "phantom/records/a.cases.json", "phantom/records/a.rerun.json",
        "phantom/records/b-2.json", "nih_cxr/board.json", "nih_cxr/records/c.json",
    )  # fmt: skip
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    return tmp_path


def test_a_record_a_board_and_all_boards_are_found(boards: Path) -> None:
    """Each is what it is, and records are those of the boards, in order."""
    record = find(boards / "phantom" / "records" / "a.json")
    board = find(boards / "phantom")
    everything = find(boards)

    assert [r.name for b in record.boards for r in b.records] == ["a.json"]
    assert not record.boards[0].is_whole
    assert [r.name for b in board.boards for r in b.records] == ["a.json", "b-2.json"]
    assert board.leaderboards is None
    assert [b.path.name for b in everything.boards] == ["nih_cxr", "phantom"]
    assert everything.leaderboards == boards


def test_files_beside_a_record_mean_the_record(boards: Path) -> None:
    """Case scores and attestations are looked at with their record."""
    for name in ("a.json", "a.cases.json", "a.rerun.json"):
        found = find(boards / "phantom" / "records" / name)

        assert [r.name for r in found.boards[0].records] == ["a.json"]
        assert record_name(Path(name)) == "a"


@pytest.mark.parametrize("name", ["a.json", "a.cases.json", "a.rerun.json"])
def test_a_record_by_itself_is_no_link(boards: Path, name: str) -> None:
    """What it points to is nobody's to read."""
    records = boards / "phantom" / "records"
    (records / name).unlink(missing_ok=True)
    (boards / "elsewhere.json").write_text("{}")
    (records / name).symlink_to(boards / "elsewhere.json")

    said = list(strangers(find(records / "a.json")))

    assert said == [f"records/{name} is a link; boards hold their own files"]


@pytest.mark.parametrize("name", ["README.md", "site", "nowhere", "phantom/board.json"])
def test_what_is_neither_is_refused(boards: Path, name: str) -> None:
    """The message says what would be one."""
    with pytest.raises(RecordError, match="is no record, no board and no folder of boards"):
        find(boards / name)


def test_everything_that_belongs_there_is_known(boards: Path) -> None:
    """No file of a board is a stranger."""
    assert list(strangers(find(boards))) == []
    assert list(strangers(find(boards / "phantom"))) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.txt", "notes.txt is none of a leaderboard's files"),
        ("pictures/x.png", "pictures/ is no board: it has no board.json"),
        ("Phantom 2/board.json", "Phantom 2/ is no name of a board"),
        ("phantom/model.pkl", "phantom/model.pkl is none of a board's files"),
        ("phantom/records/film.png", "phantom/records/film.png is none of a board's files"),
        ("phantom/records/A_b.json", "phantom/records/A_b.json is none of a board's files"),
        ("phantom/records/deep/a.json", "phantom/records/deep/ is no folder of a board"),
        ("phantom/records/gone.cases.json", "belongs to the record gone, which is not there"),
        ("phantom/records/gone.rerun.json", "belongs to the record gone, which is not there"),
    ],
)
def test_a_stranger_is_named(boards: Path, name: str, message: str) -> None:
    """Whatever nobody expects is named with its path."""
    (boards / name).parent.mkdir(parents=True, exist_ok=True)
    (boards / name).write_text("{}")

    problems = list(strangers(find(boards)))

    assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize("name", ["phantom/records/x.json", "phantom/board.tex", "link"])
def test_a_link_is_named(boards: Path, name: str) -> None:
    """A link could stand for any file of the machine that verifies."""
    (boards / name).unlink(missing_ok=True)
    (boards / name).symlink_to("/etc/passwd")

    problems = list(strangers(find(boards)))

    assert any(problem.startswith(f"{name} is a link") for problem in problems), problems
