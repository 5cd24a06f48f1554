"""A board on the screen: it fits, it tells kinds apart, it hides nothing."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from boards import AUC, KL, NCC, SAUC, board_of, rows_of
from gazebench.cli.board_view import print_board
from gazebench.spec.board import Board, MetricColumn


def shown(board: Board, width: int, *, colours: bool = False) -> str:
    """Return what a terminal of this width shows."""
    file = StringIO()
    console = Console(
        file=file, width=width, highlight=False, force_terminal=colours, no_color=not colours
    )
    print_board(board, console)
    return file.getvalue()


@pytest.fixture(scope="module")
def board() -> Board:
    """Return a board with four metrics, long names, gaps and a floor without NCC."""
    values = {
        "ceiling": [0.8, 0.9, 0.85],
        "floor": [0.5, 0.45, 0.55],
        "ag_sononet/attention:gate=1/thresholded": [0.7, None, 0.72],
        "timm/resnet50/gradcam/class:Support devices": [0.2, 0.1, 0.3],
    }
    rows = [
        row
        for metric in ("auc", "sauc", "kl", "ncc")
        for row in rows_of(values, metric=metric)
        if (row["entry"], metric) != ("floor", "ncc")
    ]
    return board_of(rows, AUC, SAUC, KL, NCC, notices=("phantom data",))


@pytest.mark.parametrize("width", [60, 80, 100, 160, 220])
def test_fits_the_screen_and_loses_no_number(board: Board, width: int) -> None:
    text = shown(board, width)

    assert max(map(len, text.splitlines())) <= width
    for row in board.subsets[0].rows:
        for cell in row.cells.values():
            if cell.score is None or cell.interval is None:
                continue
            assert f"{cell.score:.3f}" in text
            assert f"[{cell.interval.low:.3f}, {cell.interval.high:.3f}]" in text
    for part in ("ag_sononet", "thresholded", "resnet50", "class:Support devices"):
        assert part.replace(" ", "") in text.replace(" ", "").replace("\n", "")


def test_four_metrics_stand_side_by_side_at_100_columns(board: Board) -> None:
    (heading,) = [line for line in shown(board, 100).splitlines() if "rank" in line.split()]

    assert heading.split()[:2] == ["rank", "entry"]
    assert heading.count("chance") + heading.count("better") == 4


def test_kinds_differ_without_colours(board: Board) -> None:
    lines = shown(board, 200).splitlines()

    first = next(number for number, line in enumerate(lines) if "───" in line) + 1
    starts = [line.split()[0] for line in lines[first : first + 4]]
    assert sorted(starts) == ["1", "2", "ceiling", "floor"]


def test_coverage_shows_only_where_it_is_not_whole(board: Board) -> None:
    text = shown(board, 200)

    assert text.count("% covered") == 1
    assert "(66 % covered)" in text
    assert "1 of 3 rows have no value" in text


def test_undefined_is_said_not_numbered(board: Board) -> None:
    (line,) = [line for line in shown(board, 200).splitlines() if line.strip().startswith("floor ")]

    assert line.split()[-1] == "n/a"
    assert "phantom data" in shown(board, 200)


def test_names_cannot_steer_the_terminal_or_the_markup() -> None:
    name = "evil\x1b[2J[red]x[/red]"

    text = shown(board_of(rows_of({name: [0.5, 0.6]})), 120)

    assert "\x1b" not in text
    assert r"evil\x1b[2J[red]x[/red]" in text


def test_direction_and_chance_are_in_the_heading() -> None:
    nss = MetricColumn(name="kl", title="KL", higher_is_better=False, chance=2, version=1)

    lines = shown(board_of(rows_of({"m": [0.5, 0.6]}, metric="kl"), nss), 100).splitlines()

    assert [line.split()[-2:] for line in lines[1:4]] == [
        ["kl"],
        ["chance", "2"],
        ["is", "better"],
    ]
