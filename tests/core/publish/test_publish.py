"""A run becomes a record on a board, through the real command line and from Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gazebench as gb
from attestations import attest
from commands import gazebench, refused
from gazebench.errors import RecordError, UsageError
from gazebench.publish.board_file import read_board
from gazebench.publish.record_file import read_record
from gazebench.publish.verification.verify import verify
from gazebench.registry.host import Host
from run_folders import OPEN, SCORES, open_run, run_folder


def texts(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def holds(boards: Path) -> bool:
    """Whether what lies there passes every check, drift among them."""
    return not verify(boards, Host()).failed


def test_a_run_is_published_and_the_board_verifies(tmp_path: Path) -> None:
    """The diff comes first, record, board and site follow; again changes nothing."""
    run, boards = open_run(tmp_path / "My Run"), tmp_path / "boards"

    dry = gazebench("publish", run, "--to", boards, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "phantom: sononet/gradcam/max enters at rank 1 with sauc 0.721" in dry.stdout
    assert f"Would write: {boards / 'phantom' / 'records' / 'my-run.json'}" in dry.stderr
    assert not boards.exists()

    done = gazebench("publish", run, "--to", boards, "--title", "Two networks")
    assert done.returncode == 0, done.stderr
    assert done.stdout == dry.stdout
    assert done.stderr == dry.stderr.replace("Would write", "Written")
    assert "Left out, for saying too much about few images: few" in done.stderr
    stored = read_record(boards / "phantom" / "records" / "my-run.json")
    assert (stored.record.title, stored.record.suppressed) == ("Two networks", ("few",))
    assert (boards / "phantom" / "records" / "my-run.cases.json").is_file()
    assert (boards / "site" / "index.html").is_file()
    assert holds(boards)

    before = texts(boards)
    again = gazebench("publish", run, "--to", boards, "--title", "Two networks")
    assert again.stdout == "The board does not change.\n"
    assert "As it is already: " in again.stderr
    assert texts(boards) == before


def test_a_second_record_joins_the_board(tmp_path: Path) -> None:
    """It is salted as the board says, and stands beside the first."""
    scores = {**SCORES, "sononet/gradcam/max": [0.8, 0.8, 0.8, 0.7, 0.8, 0.9, 0.9]}
    boards = tmp_path / "boards"
    gb.publish_run(open_run(tmp_path / "one"), boards)
    salt = read_board(boards / "phantom").salt

    done = gb.publish_run(open_run(tmp_path / "two", scores=scores), boards)

    said = "\n".join(done.changes)
    assert "phantom: sononet/gradcam/max (two) enters at rank 1" in said
    assert "phantom: sononet/gradcam/max is called sononet/gradcam/max (one) now" in said
    assert read_board(boards / "phantom").salt == salt
    assert holds(boards)


def test_the_order_of_publishing_does_not_matter(tmp_path: Path) -> None:
    """Two records on a board give the same files whichever came first."""
    scores = {**SCORES, "sononet/gradcam/max": [0.8, 0.8, 0.8, 0.7, 0.8, 0.9, 0.9]}
    one, two = open_run(tmp_path / "one"), open_run(tmp_path / "two", scores=scores)

    for folder, runs in (("a", (one, two)), ("b", (two, one))):
        for run in runs:
            gb.publish_run(run, tmp_path / folder)

    assert texts(tmp_path / "a") == texts(tmp_path / "b")


def test_restricted_case_scores_stay_at_home_unless_wanted(tmp_path: Path) -> None:
    """Restricted is claimed by default; who says yes carries them, who says no takes them back."""
    run, boards = run_folder(tmp_path / "run"), tmp_path / "boards"
    cases = boards / "reflacx" / "records" / "run.cases.json"

    done = gazebench("publish", run, "--to", boards)
    assert "reflacx is restricted: the scores of single images stay here" in done.stderr
    assert not cases.exists()
    for wanted, is_there in (("yes", True), ("no", False)):
        gb.publish_run(run, boards, case_scores=wanted, replace=True)
        assert cases.exists() is is_there
        assert holds(boards)


def test_another_record_is_not_overwritten_by_accident(tmp_path: Path) -> None:
    """Other content under a name that is taken needs --replace."""
    boards, run = tmp_path / "boards", open_run(tmp_path / "run")
    gb.publish_run(run, boards)
    before = texts(boards)

    code, message = refused("publish", run, "--to", boards, "--title", "Another")

    assert code == 6
    assert "records/run.json is there already, and holds something else" in message
    assert "--replace" in message
    assert texts(boards) == before


def test_an_attestation_of_what_a_record_was_goes_with_it(tmp_path: Path) -> None:
    """It says nothing of the new content; that a row lost its badge is among the changes."""
    boards, run = tmp_path / "boards", open_run(tmp_path / "run")
    gb.publish_run(run, boards)
    attest(boards / "phantom" / "records" / "run.json")
    gb.rebuild(boards)

    done = gazebench("publish", run, "--to", boards, "--title", "Another", "--replace")

    assert done.returncode == 0, done.stderr
    attestation = boards / "phantom" / "records" / "run.rerun.json"
    assert f"Removed: {attestation}" in done.stderr
    assert not attestation.exists()
    assert "phantom: sononet/gradcam/max was rerun and is recomputed" in done.stdout
    assert "has other numbers" not in done.stdout
    assert holds(boards)


def test_all_boards_are_rebuilt(tmp_path: Path) -> None:
    """Files of another board that are out of date do not stay so."""
    boards = tmp_path / "boards"
    gb.publish_run(open_run(tmp_path / "one"), boards)
    (boards / "phantom" / "board.csv").write_text("out of date")

    gb.publish_run(run_folder(tmp_path / "two"), boards)

    assert gb.rebuild(boards, check=True) == ()
    assert {path.name for path in boards.iterdir()} == {"phantom", "reflacx", "site"}


def test_a_board_that_cannot_be_read_stops_publishing_before_it_writes(tmp_path: Path) -> None:
    """An altered record on another board is named, and no file changes."""
    boards = tmp_path / "boards"
    gb.publish_run(open_run(tmp_path / "one"), boards)
    record = boards / "phantom" / "records" / "one.json"
    record.write_text(record.read_text("utf-8").replace("0.72", "0.82", 1), "utf-8")
    before = texts(boards)

    with pytest.raises(RecordError, match="altered after it was written") as caught:
        gb.publish_run(run_folder(tmp_path / "two"), boards)

    assert str(record) in caught.value.message
    assert texts(boards) == before


def test_a_folder_called_site_of_something_else_stops_publishing_before_it_writes(
    tmp_path: Path,
) -> None:
    """What lies there is nobody's to overwrite."""
    boards = tmp_path / "boards"
    (boards / "site").mkdir(parents=True)
    (boards / "site" / "mine.txt").write_text("mine")

    code, message = refused("publish", open_run(tmp_path / "run"), "--to", boards)

    assert (code, "holds something else than a site" in message) == (5, True), message
    assert list(texts(boards)) == ["site/mine.txt"]


@pytest.mark.parametrize("option", ["title", "name"])
def test_what_is_asked_for_is_looked_through_too(tmp_path: Path, option: str) -> None:
    """An id of the run's own cases in a title or name, of whatever shape, does not get out."""
    run = open_run(tmp_path / "run", cases=[f"film-0{n}a" for n in range(7)])

    with pytest.raises(RecordError, match="must not be published") as caught:
        gb.publish_run(run, tmp_path / "boards", **{option: "on-film-03a"})

    assert "film-03a" not in caught.value.message
    assert not (tmp_path / "boards").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere", "--to", "boards"], 6, "nowhere is no folder of a run"),
        (["run", "--to", "boards", "--name", "My Run"], 6, "is not lower-case letters"),
        (["run"], 2, "--to"),
        (["run", "--to", "boards", "--case-scores", "some"], 2, "auto"),
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


@pytest.mark.parametrize("options", [{"titel": "x"}, {"case_scores": "some"}])
def test_options_that_do_not_exist_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    """From Python too."""
    with pytest.raises(UsageError, match=next(iter(options))):
        gb.publish_run(open_run(tmp_path / "run"), tmp_path / "boards", **options)


@pytest.mark.parametrize(
    ("changes", "message", "do"),
    [
        ({"status": "running"}, "has not come to its end", "run the same command again"),
        (
            {"status": "share 1/2", "config": {**OPEN["config"], "shard": "1/2"}},
            "holds a share of a run only",
            "put the shares together: gazebench merge",
        ),
        ({"dataset": {}}, "names no dataset", "run the same command again"),
    ],
)
def test_half_a_run_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str, do: str
) -> None:
    """With what to do."""
    run = open_run(tmp_path / "run")
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    (run / "manifest.json").write_text(json.dumps({**manifest, **changes}))

    with pytest.raises(RecordError, match=message) as caught:
        gb.publish_run(run, tmp_path / "boards")

    assert caught.value.do == do


def test_a_run_of_another_version_is_published_as_one(tmp_path: Path) -> None:
    """The record says which version it was."""
    run = open_run(tmp_path / "run", versions={"gazebench": "0.0.7", "numpy": "1.26.4"})

    record = gb.publish_run(run, tmp_path / "boards").record

    assert record.run is not None
    assert record.run.versions == {"gazebench": "0.0.7", "numpy": "1.26.4"}
    assert holds(tmp_path / "boards")


def test_records_without_their_board_are_not_made_a_new_one(tmp_path: Path) -> None:
    """Somebody else's text and salt would be gone, and the records taken without being shown."""
    boards, run = tmp_path / "boards", open_run(tmp_path / "run")
    gb.publish_run(run, boards)
    (boards / "phantom" / "board.json").unlink()

    code, message = refused("publish", run, "--to", boards, "--name", "another")

    assert code == 6
    assert "holds records and no board.json" in " ".join(message.split())
    assert not (boards / "phantom" / "board.json").exists()


def test_only_what_a_board_is_made_of_is_read(tmp_path: Path) -> None:
    """A link round in a circle is for `verify` to name; a file is no folder of records."""
    boards, run = tmp_path / "boards", open_run(tmp_path / "run")
    gb.publish_run(run, boards)
    records = boards / "phantom" / "records"
    (records / "circle").symlink_to(boards)

    done = gazebench("publish", run, "--to", boards, "--name", "another")
    assert done.returncode == 0, done.stderr

    (records / "circle").unlink()
    for file in records.iterdir():
        file.unlink()
    records.rmdir()
    records.write_text("x")
    code, message = refused("publish", run, "--to", boards, "--name", "third")
    assert (code, "is no folder of records" in " ".join(message.split())) == (6, True)


@pytest.mark.parametrize("command", ["publish", "site", "verify"])
def test_publishing_starts_without_torch(tmp_path: Path, command: str) -> None:
    """It takes seconds to load, and nothing here computes with it."""
    boards = tmp_path / "boards"
    run = open_run(tmp_path / "run")
    if command != "publish":
        assert gazebench("publish", run, "--to", boards).returncode == 0
    arguments = {
        "publish": ["publish", str(run), "--to", str(boards)],
        "site": ["site", str(boards), "--out", str(tmp_path / "site")],
        "verify": ["verify", str(boards)],
    }[command]
    code = (
        "import sys; from gazebench.cli.app import main\n"
        f"sys.argv = ['gazebench', *{arguments!r}]\n"
        "try: main()\n"
        "finally: print('torch' if 'torch' in sys.modules else 'none', file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "none"
