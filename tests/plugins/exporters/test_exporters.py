"""Exported boards: the numbers, the escapes, the bytes."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from boards import AUC, NCC, board_of, placed_board, rows_of
from gazebench.registry.host import Host
from gazebench.spec import Board, Cell, JoinedRow

HOST = Host()
COLUMNS_PAGE = Path(__file__).parents[3] / "docs" / "leaderboard_files.md"
FORMATS = ("json", "csv", "md", "tex")


def export(name: str, board: Board) -> str:
    """Return a board in one format."""
    text: str = HOST.get("exporter", name).call(board)
    return text


@pytest.fixture(scope="module")
def board() -> Board:
    """Return a board with a ceiling, a floor without NCC, gaps and an empty subset."""
    rows = rows_of(
        {
            "ceiling": [0.8, 0.9, 0.85],
            "floor": [0.5, 0.45, 0.5],
            "model/cam": [0.7, None, 0.72],
            "n": [0.6, 0.61, 0.55],
        }
    )
    rows += rows_of({"ceiling": [0.5, 0.6, 0.4], "model/cam": [0.2, 0.1, 0.3]}, metric="ncc")
    rows += rows_of(
        {"floor": [None] * 3}, metric="ncc", status="undefined", reason="a constant map"
    )
    return board_of(
        rows,
        AUC,
        NCC,
        subsets={"two": {"0", "1"}, "none": set()},
        notices=("phantom data",),
        not_applicable={"x/y": "x has no attention maps"},
    )


def cells(board: Board) -> Iterator[tuple[str, str, str, Cell]]:
    """Yield subset, entry, metric and cell."""
    for subset in board.subsets:
        for row in subset.rows:
            for metric, cell in row.cells.items():
                yield subset.name, row.entry, metric, cell


@pytest.mark.parametrize("name", FORMATS)
def test_same_board_gives_the_same_text(name: str, board: Board) -> None:
    reordered = replace(board, not_applicable=dict(reversed(board.not_applicable.items())))

    assert export(name, board) == export(name, reordered)
    assert export(name, board).endswith("\n")


def test_json_holds_every_number(board: Board) -> None:
    document = json.loads(export("json", board), parse_constant=pytest.fail)

    found = {
        (subset["name"], row["entry"], metric): cell
        for subset in document["subsets"]
        for row in subset["rows"]
        for metric, cell in row["cells"].items()
    }
    for subset, entry, metric, cell in cells(board):
        written = found.pop((subset, entry, metric))
        _same(written["score"], cell.score)
        _same(written["fraction_of_ceiling"], cell.fraction)
        _same((written["interval"] or [None])[0], cell.interval and cell.interval.low)
        assert written["coverage"] == pytest.approx(cell.coverage)
        assert (written["rank"], written["note"]) == (cell.rank, cell.note)
        _same(written["probability_best"], cell.probability_best)
        assert written["tie_group"] == cell.tie_group
        assert written["ranks"] == (cell.ranks and cell.ranks._asdict())
        assert written["like_a_reader"] == cell.like_a_reader
    assert not found
    assert (document["differences"], document["margin"]) == (board.differences, board.margin)
    assert document["notices"] == ["phantom data"]
    assert document["not_applicable"] == {"x/y": "x has no attention maps"}


def _same(written: Any, value: float | None) -> None:
    if value is None:
        assert written is None
    else:
        assert math.isclose(float(written), value, rel_tol=1e-9)


def test_csv_has_a_line_per_subset_entry_and_metric(board: Board) -> None:
    lines = list(csv.DictReader(io.StringIO(export("csv", board))))

    expected = list(cells(board))
    assert [(line["subset"], line["entry"], line["metric"]) for line in lines] == [
        (subset, entry, metric) for subset, entry, metric, _ in expected
    ]
    for line, (_, _, _, cell) in zip(lines, expected, strict=True):
        _same(line["score"] or None, cell.score)
        _same(line["high"] or None, cell.interval and cell.interval.high)
        best, worst = cell.ranks or ("", "")
        assert (line["ranks_best"], line["ranks_worst"]) == (str(best), str(worst))
        assert line["tie_group"] == str(cell.tie_group or "")
        assert line["like_a_reader"] == str(cell.like_a_reader or "")
        _same(line["probability_best"] or None, cell.probability_best)
        assert line["metric_rank"] == ("" if cell.rank is None else str(cell.rank))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_csv_texts_are_no_formulas_and_numbers_stay_numbers(start: str) -> None:
    board = board_of(rows_of({f"{start}1+1": [-0.25, -0.5]}, metric="ncc"), NCC)

    (line,) = csv.DictReader(io.StringIO(export("csv", board)))

    assert line["entry"] == f"'{start}1+1"
    assert float(line["score"]) == -0.375


def test_csv_opens_in_pandas_with_the_documented_columns(board: Board) -> None:
    found = pd.read_csv(io.StringIO(export("csv", board)))

    documented = re.findall(r"^\| `(\w+)` \|", COLUMNS_PAGE.read_text("utf-8"), re.MULTILINE)
    assert list(found.columns) == documented
    numbers = found[["score", "low", "high", "fraction_of_ceiling", "coverage", "n_images"]]
    assert all(dtype.kind in "fi" for dtype in numbers.dtypes)
    assert len(found) == sum(1 for _ in cells(board))


@pytest.mark.parametrize("name", FORMATS)
def test_records_and_badges_are_shown_where_a_board_has_them(name: str) -> None:
    board = placed_board({"a": (1, 1, 1, 0.7, "yes")})
    rows = tuple(
        JoinedRow(
            entry="a",
            kind=row.kind,
            rank=1,
            cells=row.cells,
            record="some-record",
            badge="claimed",
        )
        if row.entry == "a"
        else row
        for row in board.subsets[0].rows
    )
    joined = replace(board, subsets=(replace(board.subsets[0], rows=rows),))

    assert "claimed" not in export(name, board)
    text = export(name, joined)
    assert text.count("claimed") == text.replace("-{}", "-").count("some-record") == 1


def test_markdown_marks_ceiling_and_floors(board: Board) -> None:
    text = export("md", board)

    assert "| ceiling |  | **ceiling** | 0.850 [" in text
    assert "| floor |  | *floor* | 0.483 [" in text
    assert "| =1 | 1-2 | model/cam | " in text
    assert "| n/a |" in text
    assert "> phantom data" in text
    assert "- x/y: x has no attention maps" in text
    assert "## none (0 images)" in text


def test_markdown_shows_shared_places_shares_and_verdicts() -> None:
    places = {"a": (1, 1, 2, 0.7, "yes"), "b": (1, 1, 2, 0.3, "undecided"), "c": (2, 3, 3, 0, "no")}
    measured = replace(NCC, name="kl", chance=None)

    text = export("md", placed_board(places, AUC, measured, rank_by="kl", margin=0.25))

    assert "| group | rank | entry | kl (chance: uniform floor) | best | like a reader |" in text
    assert "| =1 | 1-2 | a | **0.800** [0.780, 0.820] 75 % | 70 % | yes | **0.800** [" in text
    assert "| =1 | 1-2 | b | **0.790** [0.770, 0.810] 73 % | 30 % | undecided | " in text
    assert "| 2 | 3 | c | 0.780 [0.760, 0.800] 70 % | < 1 % | no | " in text
    assert "between 75 % and 125 %" in text


def test_markdown_shows_gaps(board: Board) -> None:
    assert "- model/cam; auc: 1 of 3 rows have no value" in export("md", board)


def test_markdown_is_no_markup() -> None:
    name = "a|b <script>alert(1)</script>\n`x` *y* [z](u) _q_ ag_net"
    text = export("md", board_of(rows_of({name: [0.6, 0.7]})))

    (line,) = [line for line in text.splitlines() if "alert" in line and line.startswith("|")]
    escaped = r"a\|b &lt;script&gt;alert(1)&lt;/script&gt; \`x\` \*y\* \[z\](u) \_q\_ ag_net"
    assert escaped in line
    assert "<script>" not in text


def test_markdown_tables_have_as_many_cells_as_columns(board: Board) -> None:
    lines = [line for line in export("md", board).splitlines() if line.startswith("|")]

    assert {line.count("|") for line in lines} == {8}
