"""The leaderboards of the repository: what the records give, and what was printed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import gazebench
from commands import gazebench as run_command
from gazebench.publish.board_file import board_text, read_board
from gazebench.publish.reading import read_leaderboards
from gazebench.publish.record import Badge, Origin, Protocol, Record
from gazebench.publish.record_file import read_record, record_text
from gazebench.registry.host import Host
from gazebench.spec import EntryKind, PublishedTable

LEADERBOARDS = Path(__file__).parents[2] / "leaderboards"
PAPER = LEADERBOARDS / "reflacx" / "records" / "bigolin-lanfredi-2021.json"
AS_PRINTED = {
    "interobserver": "interobserver",
    "convex_segmentation": "convex lung segmentation",
    "sononet/gradcam": "sononet/gradcam/uniform",
    "ag_sononet/gradcam": "ag_sononet/gradcam/uniform",
    "ag_sononet/attention1": "ag_sononet/attention:gate=1",
    "ag_sononet/attention2": "ag_sononet/attention:gate=2",
}


def test_every_file_is_what_the_records_give() -> None:
    done = run_command("rebuild", LEADERBOARDS, "--check")

    assert done.returncode == 0, done.stderr


def test_published_record_holds_the_printed_figures_and_no_other() -> None:
    tables: tuple[PublishedTable, ...] = Host().get("replication", "etsaliencymaps").call()
    printed = {
        (figure.subset, AS_PRINTED[figure.entry], figure.metric): tuple(
            float(text) for text in (figure.score, figure.low, figure.high) if text
        )
        for table in tables
        for figure in table.figures
    }

    record = read_record(PAPER).record

    stated = {
        (subset.name, row.entry, metric): (
            cell.score,
            *((cell.interval.low, cell.interval.high) if cell.interval else ()),
        )
        for subset in record.board.subsets
        for row in subset.rows
        for metric, cell in row.cells.items()
        if cell.score is not None
    }
    assert stated == printed
    assert record.origin is Origin.PUBLICATION
    assert record.case_scores == ""
    derived = ("fraction", "rank", "ranks", "tie_group", "probability_best", "like_a_reader")
    for subset in record.board.subsets:
        for row in subset.rows:
            for cell in row.cells.values():
                assert [getattr(cell, name) for name in derived] == [None] * len(derived)


def test_published_board_is_a_claim_against_its_own_ceiling() -> None:
    (board,) = read_leaderboards(LEADERBOARDS / "reflacx")

    assert board.is_restricted
    assert {row.badge for row in board.rows.values()} == {Badge.CLAIMED}
    rows = {row.entry: row for row in board.board.subsets[0].rows}
    cell = rows["ag_sononet/gradcam/uniform"].cells["sauc"]
    assert cell.fraction == pytest.approx((0.529 - 0.5) / (0.558 - 0.5))
    assert [r.entry for r in rows.values() if r.kind is EntryKind.CEILING] == ["interobserver"]
    assert any("does not state the set of cases" in notice for notice in board.board.notices)


def test_checking_writes_nothing() -> None:
    before = {path: path.read_bytes() for path in LEADERBOARDS.rglob("*") if path.is_file()}

    gazebench.rebuild(LEADERBOARDS, check=True)

    assert {p: p.read_bytes() for p in LEADERBOARDS.rglob("*") if p.is_file()} == before


def test_phantom_board_is_a_run_that_everybody_can_recompute() -> None:
    (board,) = read_leaderboards(LEADERBOARDS / "phantom")

    assert {row.badge for row in board.rows.values()} == {Badge.RECOMPUTED}
    (record,) = board.records.values()
    assert record.run is not None
    assert record.run.command == "gazebench run"
    assert any("nothing here is a finding about radiologists" in n for n in board.board.notices)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return boards with the paper's, and a run of one's own that is made like the paper's.

    The films and readers are made up, in the layout of REFLACX, so the ceiling is not the paper's:
    the copy of the paper's record gets that of the run, and no number of cases.
    """
    folder = tmp_path_factory.mktemp("own")
    for command in (
        ("dataset", "synthesize", "--out", "data", "--cases", "8", "--size", "220x200"),
        (*RUN, "--centre-bias", "paper", "--out", "as-the-paper"),
        (*RUN, "--out", "with-loio"),
    ):
        done = run_command(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


RUN = (
    "run", "--dataset", "reflacx", "--data-root", "data", "--model", "sononet",
    "--method", "gradcam", "--mixing", "uniform", "--floor", "uniform",
)  # fmt: skip


def boards_with(ceiling_of: Record, folder: Path) -> Path:
    """Copy the paper's board, over as many cases and with the ceiling of a record."""
    boards = folder / "leaderboards"
    shutil.copytree(LEADERBOARDS / "reflacx", boards / "reflacx", dirs_exist_ok=True)
    stored = read_board(boards / "reflacx")
    protocol = replace(stored.settings.protocol, cases=None)
    text = board_text(replace(stored.settings, protocol=protocol), stored.salt)
    (boards / "reflacx" / "board.json").write_text(text, "utf-8")
    paper = read_record(PAPER).record
    own = {r.entry: r.cells for r in ceiling_of.board.subsets[0].rows}["interobserver"]
    whole = paper.board.subsets[0]
    rows = tuple(replace(r, cells=own) if r.entry == "interobserver" else r for r in whole.rows)
    changed = replace(
        paper,
        protocol=replace(paper.protocol, cases=None),
        board=replace(paper.board, subsets=(replace(whole, rows=rows),)),
        subset_sets={},
    )
    (boards / "reflacx" / "records" / PAPER.name).write_text(record_text(changed), "utf-8")
    return boards


@pytest.mark.parametrize("case_scores", ["no", "yes"])
def test_own_run_made_like_the_papers_is_ranked_beside_it(
    published: Path, tmp_path: Path, case_scores: str
) -> None:
    publish = ("publish", published / "as-the-paper", "--case-scores", case_scores, "--to")
    assert run_command(*publish, tmp_path / "alone").returncode == 0
    own = read_record(tmp_path / "alone" / "reflacx" / "records" / "as-the-paper.json").record
    boards = boards_with(own, tmp_path)

    done = run_command(*publish, boards)

    assert done.returncode == 0, done.stderr
    (joined,) = read_leaderboards(boards)
    assert joined.apart == ()
    whole = {row.entry: row for row in joined.board.subsets[0].rows}
    mine = whole["sononet/gradcam/uniform (as-the-paper)"].cells["sauc"]
    theirs = whole["ag_sononet/gradcam/uniform"].cells["sauc"]
    assert {mine.rank, theirs.rank} == {1, 2}
    assert mine.tie_group is not None
    assert theirs.tie_group is not None
    assert "sononet/gradcam/uniform (bigolin-lanfredi-2021)" in whole
    badge = Badge.RECOMPUTED if case_scores == "yes" else Badge.CLAIMED
    assert joined.rows["sononet/gradcam/uniform (as-the-paper)"].badge is badge
    assert "unpaired" in joined.board.differences
    assert run_command("rebuild", boards, "--check").returncode == 0


def test_own_run_with_another_centre_bias_stands_apart_with_the_command(
    published: Path, tmp_path: Path
) -> None:
    boards = tmp_path / "leaderboards"
    shutil.copytree(LEADERBOARDS / "reflacx", boards / "reflacx")

    done = run_command("publish", published / "with-loio", "--to", boards)

    assert done.returncode == 0, done.stderr
    (joined,) = read_leaderboards(boards)
    (apart,) = joined.apart
    assert apart.why == (
        "it scores 7 cases, the board 91",
        "its centre bias is loio, the board's is paper",
    )
    assert apart.command == (
        "gazebench run --dataset reflacx --data-root FOLDER --model sononet --method gradcam "
        "--mixing uniform --floor uniform --centre-bias paper"
    )
    assert apart.command in (boards / "reflacx" / "board.md").read_text("utf-8")


def test_other_readers_than_the_papers_stand_apart(published: Path, tmp_path: Path) -> None:
    publish = ("publish", published / "as-the-paper", "--to")
    assert run_command(*publish, tmp_path / "alone").returncode == 0
    own = read_record(tmp_path / "alone" / "reflacx" / "records" / "as-the-paper.json").record
    boards = boards_with(own, tmp_path)
    paper = replace(read_record(PAPER).record, protocol=Protocol(dataset="reflacx"))
    (boards / "reflacx" / "records" / PAPER.name).write_text(record_text(paper), "utf-8")

    assert run_command(*publish, boards).returncode == 0

    (joined,) = read_leaderboards(boards)
    (apart,) = joined.apart
    assert "further apart than their intervals are wide" in apart.why[0]
