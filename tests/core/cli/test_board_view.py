"""A board on the screen: it fits, it tells kinds apart, it hides nothing."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from boards import AUC, KL, NCC, SAUC, board_of, placed_board, rows_of
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


def test_ranking_stands_alone_at_100_columns_and_the_other_metrics_below(board: Board) -> None:
    lines = shown(board, 100).splitlines()

    headings = [line.split() for line in lines if "entry" in line.split()]
    assert headings[0][:3] == ["group", "rank", "entry"]
    assert headings[0][-2:] == ["best", "reader"]
    assert headings[1][0] == "entry"
    first, second = shown(board, 100).split("\n\n")[:2]
    assert [name for name in ("auc", "sauc", "kl", "ncc") if f" {name} " in first] == ["sauc"]
    assert all(f" {name} " in second for name in ("auc", "kl", "ncc"))


def test_twelve_metrics_stand_in_few_and_even_tables() -> None:
    metrics = [replace(AUC, name=f"a_metric_{number}") for number in range(12)]
    made = placed_board({"m/gradcam/uniform": (1, 1, 1, 1.0, "no")}, *metrics)

    lines = shown(made, 100).splitlines()

    named = [line.split() for line in lines if "a_metric" in line and "Ranked" not in line]
    assert [len([w for w in words if "a_metric" in w]) for words in named] == [1, 3, 4, 4]
    assert max(map(len, lines)) <= 100


def test_kinds_differ_without_colours(board: Board) -> None:
    lines = shown(board, 250).splitlines()

    first = next(number for number, line in enumerate(lines) if "━━━" in line) + 1
    body = [line.split()[0] for line in lines[first:] if line and "──" not in line]
    assert sorted(body[:4]) in (["1", "2", "ceiling", "floor"], ["=1", "=1", "ceiling", "floor"])


PLACES = {
    "a": (1, 1, 2, 0.7, "yes"),
    "b": (1, 1, 3, 0.2999, "undecided"),
    "c": (2, 3, 4, 0.0001, "no"),
    "d": (2, 3, 4, 0.0, "no"),
    "e": (3, 5, 5, 0.0, "no"),
}


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_groups_are_ruled_off_and_marked_as_shared(width: int) -> None:
    """No entry of a shared place looks as if it stood alone."""
    lines = shown(placed_board(PLACES, AUC, KL), width).splitlines()

    first = next(number for number, line in enumerate(lines) if "━━━" in line) + 1
    body = lines[first : lines.index("", first)]
    words = ["rule" if "──" in line else line.split()[0] for line in body]
    order = [word for word in words if not word.startswith("[")]  # a second line has an interval
    assert order == ["ceiling", "=1", "=1", "rule", "=2", "=2", "rule", "3", "floor"]


def test_ranks_shares_and_verdicts_stand_beside_the_ranking_metric() -> None:
    text = shown(placed_board(PLACES, AUC, KL), 100)
    of = {line.split()[2]: line.split() for line in text.splitlines() if " % " in line[40:]}

    assert (of["a"][:2], of["a"][-3:]) == (["=1", "1-2"], ["70", "%", "yes"])
    assert (of["b"][:2], of["b"][-3:]) == (["=1", "1-3"], ["30", "%", "undecided"])
    assert (of["c"][:2], of["c"][-4:]) == (["=2", "3-4"], ["<", "1", "%", "no"])
    assert of["e"][:2] == ["3", "5"]


def test_legend_says_what_a_verdict_and_a_place_mean() -> None:
    text = " ".join(shown(placed_board(PLACES, margin=0.2), 100).split())

    assert "between 80 % and 120 %" in text
    assert "their order is not a finding: groups differ where" in text
    assert "everything below (made up too)." in text
    assert "like a reader" in text


def test_board_without_places_shows_none() -> None:
    made = placed_board({})

    assert "ceiling" in shown(made, 100)
    assert "=" not in shown(made, 100).partition("Ranked")[0]


def test_measured_chance_is_named() -> None:
    measured = replace(KL, chance=None)

    text = " ".join(shown(placed_board(PLACES, measured), 100).split())

    assert "chance: uniform floor" in text.replace("chance: like a uniform floor", "")
    assert "None" not in text


def test_coverage_shows_only_where_it_is_not_whole(board: Board) -> None:
    text = shown(board, 250)

    assert text.count("% covered") == 1
    assert "(66 % covered)" in text
    assert "1 of 3 rows have no value" in text


def test_undefined_is_said_not_numbered(board: Board) -> None:
    (line,) = [line for line in shown(board, 250).splitlines() if line.strip().startswith("floor ")]

    assert line.split()[-1] == "n/a"
    assert "phantom data" in shown(board, 250)


def test_names_cannot_steer_the_terminal_or_the_markup() -> None:
    name = "evil\x1b[2J[red]x[/red]"

    text = shown(board_of(rows_of({name: [0.5, 0.6]})), 120)

    assert "\x1b" not in text
    assert r"evil\x1b[2J[red]x[/red]" in text


def test_direction_and_chance_are_in_the_heading() -> None:
    nss = MetricColumn(name="kl", title="KL", higher_is_better=False, chance=2, version=1)

    text = shown(board_of(rows_of({"m": [0.5, 0.6]}, metric="kl"), nss), 100)

    heading = " ".join(text.partition("━━━")[0].split())
    assert "kl chance 2" in heading
    assert "lower is better" in heading
