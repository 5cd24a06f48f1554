"""The leaderboards of the repository: what the records give, and what was printed."""

from __future__ import annotations

from pathlib import Path

import pytest

import gazebench
from commands import gazebench as run_command
from gazebench.publish.reading import read_leaderboards
from gazebench.publish.record import Badge, Origin
from gazebench.publish.record_file import read_record
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
