"""Boards rebuilt from records: byte for byte, drift shown, records held to their case scores."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gazebench
from attestations import attest
from board_folders import write_board, write_record
from gazebench.cli.app import make_app
from gazebench.errors import RecordError
from gazebench.publish.documents import sealed
from gazebench.publish.reading import read_leaderboards
from gazebench.publish.record import Badge
from submissions import PROTOCOL, claimed, entry, printed, scored, settings

A = {"m": entry(0.05, 1), "n": entry(0.0, 2)}
B = {"p": entry(0.08, 3)}
FILES = {"board.csv", "board.md", "board.tex"}


@pytest.fixture
def boards(tmp_path: Path) -> Path:
    """Return a folder of two boards: one with case scores and a claim, one of a publication."""
    root = tmp_path / "leaderboards"
    write_board(root / "toy", [scored("a", A), claimed(scored("b", B))])
    paper = printed("paper", scored("s", {"x": entry(0, 5)}).record.board)
    write_board(root / "printed", [paper], settings(title="Printed"))
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_rebuilding_twice_gives_the_same_bytes(boards: Path) -> None:
    changed = gazebench.rebuild(boards)

    assert {p.name for p in changed if p.parent == boards / "toy"} == FILES
    first = contents(boards)
    assert gazebench.rebuild(boards) == ()
    shutil.rmtree(boards / "site")
    for path in boards.glob("*/board.*"):
        if path.name in FILES:
            path.unlink()
    gazebench.rebuild(boards)
    assert contents(boards) == first
    gazebench.rebuild(boards, check=True)


def test_board_says_where_rows_are_from_and_how_far_to_trust_them(boards: Path) -> None:
    gazebench.rebuild(boards)

    text = (boards / "toy" / "board.md").read_text("utf-8")
    assert "m (a, recomputed)" in text
    assert "p (b, claimed)" in text
    assert "- **b** (claimed): B\n" in text
    assert "Recomputed: every number follows" in text
    paper = (boards / "printed" / "board.md").read_text("utf-8")
    assert "A. Author, 2021" in paper
    assert "Recomputed" not in paper


def test_records_apart_are_listed_with_the_reason_and_the_command(boards: Path) -> None:
    other = scored("c", {"x": entry(0, 5)}, protocol=replace(PROTOCOL, centre_bias="loio"))
    paper = replace(PROTOCOL, centre_bias="paper")
    write_board(boards / "toy", [other], settings(protocol=paper))

    gazebench.rebuild(boards / "toy")

    text = (boards / "toy" / "board.md").read_text("utf-8")
    assert "## Not on the board" in text
    assert "  - its centre bias is loio, the board's is paper" in text
    assert "      gazebench run --dataset toy --data-root FOLDER --centre-bias paper" in text


def test_drift_is_refused_with_a_difference_and_nothing_is_written(boards: Path) -> None:
    gazebench.rebuild(boards)
    board = boards / "toy" / "board.csv"
    board.write_text(board.read_text("utf-8").replace("entry", "altered", 1), "utf-8")
    before = contents(boards)

    done = CliRunner().invoke(make_app(), ["rebuild", str(boards), "--check"])

    assert isinstance(done.exception, RecordError)
    assert done.exception.exit_code == 6
    assert "1 file is not what the records give" in done.exception.message
    assert "-dataset,subset,altered,kind" in done.exception.message
    assert "+dataset,subset,entry,kind" in done.exception.message
    assert contents(boards) == before


def test_missing_file_is_drift(boards: Path) -> None:
    gazebench.rebuild(boards)
    (boards / "toy" / "board.md").unlink()

    with pytest.raises(RecordError, match=r"1 file is not .*\n.*board\.md is missing"):
        gazebench.rebuild(boards, check=True)


def test_the_site_of_all_boards_is_rebuilt_with_them(boards: Path) -> None:
    gazebench.rebuild(boards)

    index = (boards / "site" / "index.html").read_text("utf-8")
    assert "toy/index.html" in index
    assert "printed/index.html" in index

    (boards / "site" / "index.html").write_text("something else", "utf-8")
    with pytest.raises(RecordError, match=r"site.index\.html"):
        gazebench.rebuild(boards, check=True)
    assert gazebench.rebuild(boards) == (boards / "site" / "index.html",)


def test_pages_of_what_is_gone_are_drift_and_go(boards: Path) -> None:
    gazebench.rebuild(boards)
    shutil.rmtree(boards / "printed")

    with pytest.raises(RecordError, match="files are not what the records give"):
        gazebench.rebuild(boards, check=True)

    changed = gazebench.rebuild(boards)
    assert boards / "site" / "printed" / "index.html" in changed
    assert not (boards / "site" / "printed" / "index.html").exists()
    gazebench.rebuild(boards, check=True)


def test_a_file_that_nobody_made_is_drift_within_the_site(boards: Path) -> None:
    gazebench.rebuild(boards)
    (boards / "site" / "toy" / "patient.html").write_text("what is this", "utf-8")

    with pytest.raises(RecordError, match=r"patient\.html is made of no record"):
        gazebench.rebuild(boards, check=True)


def test_an_attested_record_has_the_better_badge_until_it_changes(boards: Path) -> None:
    attest(boards / "toy" / "records" / "b.json")
    assert badges(boards)["b"] is Badge.RERUN

    write_record(boards / "toy", claimed(scored("b", {"p": entry(0.09, 3)})))
    assert badges(boards)["b"] is Badge.CLAIMED


def badges(boards: Path) -> dict[str, Badge]:
    (_, toy) = read_leaderboards(boards)
    return {row.record: row.badge for row in toy.rows.values()}


def test_altered_number_is_refused_by_its_place(boards: Path) -> None:
    path = boards / "toy" / "records" / "a.json"
    document = json.loads(path.read_text("utf-8"))
    row = next(r for r in document["board"]["subsets"][0]["rows"] if r["entry"] == "m")
    row["cells"]["auc"]["score"] = 0.99
    path.write_text(json.dumps(sealed(document)), "utf-8")

    with pytest.raises(RecordError, match=r"all, auc, m: the score is stated as 0\.99"):
        gazebench.rebuild(boards)


def test_altered_number_is_refused_beside_other_records_too(boards: Path) -> None:
    write_record(boards / "toy", scored("d", {"x": entry(0, 5)}))
    path = boards / "toy" / "records" / "d.json"
    document = json.loads(path.read_text("utf-8"))
    document["board"]["subsets"][0]["rows"][0]["cells"]["auc"]["interval"]["low"] = 0.1
    path.write_text(json.dumps(sealed(document)), "utf-8")

    with pytest.raises(RecordError, match=r"d\.json states what does not follow"):
        gazebench.rebuild(boards)


def test_case_scores_of_another_record_are_refused(boards: Path) -> None:
    write_record(boards / "toy", scored("d", {"x": entry(0, 5)}))
    records = boards / "toy" / "records"
    (records / "a.cases.json").write_bytes((records / "d.cases.json").read_bytes())

    with pytest.raises(RecordError, match=r"a\.cases\.json is not the one that"):
        gazebench.rebuild(boards)


def test_missing_case_scores_are_refused(boards: Path) -> None:
    (boards / "toy" / "records" / "a.cases.json").unlink()

    with pytest.raises(RecordError, match=r"cannot read .*a\.cases\.json"):
        gazebench.rebuild(boards)


def test_a_folder_without_boards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no record, no board and no folder of boards"):
        gazebench.rebuild(tmp_path)
