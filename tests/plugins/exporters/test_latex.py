"""LaTeX boards: what stands in the tables, and that a real LaTeX sets them whatever the names."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boards import AUC, KL, NCC, board_of, placed_board, rows_of
from gazebench.registry.host import Host
from gazebench.spec import Board
from gazebench.testing.boards import empty_board, full_board
from gazebench_plugins.exporters.latex_text import LAST_LATIN, latex

PLACES = {"a": (1, 1, 2, 0.7, "yes"), "b": (1, 1, 2, 0.3, "undecided"), "c": (2, 3, 3, 0, "no")}
HOSTILE = (
    r"\input{/etc/passwd}",
    r"\end{tabular}\end{document}",
    r"$x^2$ & # % ~ _ ^ { } \ | < > `` '' -- ---",
    "% a comment",
    "[2pt] after a row",
    "?` !` fi ffi ,, <<",
    "\\",
    "{",
    "}",
    "m\x07\x1b\u200b\u202e中\N{GREEK SMALL LETTER ALPHA}\N{PILE OF POO}ё",
    "".join(map(chr, range(32, 127))),
)
COMPILER = shutil.which("pdflatex")
needs_latex = pytest.mark.skipif(COMPILER is None, reason="pdflatex is not installed")
DOCUMENT = r"""\documentclass[a4paper]{article}
\usepackage[margin=2.5cm]{geometry}
\usepackage{booktabs,longtable}
\begin{document}
\input{board}
\end{document}
"""


def export(board: Board) -> str:
    text: str = Host().get("exporter", "tex").call(board)
    return text


def compiled(text: str, folder: Path) -> str:
    """Set a board and return the log; the text of the page is in `board.pdf`."""
    assert COMPILER is not None
    (folder / "board.tex").write_text(text, encoding="utf-8")
    (folder / "page.tex").write_text(DOCUMENT, encoding="utf-8")
    done = subprocess.run(
        [COMPILER, "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "page.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-3000:]
    return log


def test_ceiling_entries_by_group_and_floors_are_set_apart() -> None:
    text = export(placed_board(PLACES))

    body = text.split(r"\midrule")
    assert len(body) == 4  # heading, ceiling, entries, floors
    assert r"ceiling &  & ceiling & 0.900 & 100\,\%" in body[1]
    assert body[2].count(r"\addlinespace") == 1  # between the two groups
    assert r"=1 & 1--2 & a & \textbf{0.800} & 75\,\%$^\dagger$ \\*" in body[2]
    assert r"\multicolumn{2}{r@{}}{\scriptsize [0.780, 0.820]} \\" in body[2]
    assert r"2 & 3 & c & 0.780 & 70\,\% \\*" in body[2]
    assert r"floor &  & uniform & 0.500 & 0\,\% \\*" in body[3]


def test_caption_says_images_intervals_tests_and_notices() -> None:
    text = export(placed_board(PLACES, notices=("a phantom",), reference="gaze"))

    (caption,) = re.findall(r"\\caption\{(.*)\}\\label\{tab:toy-1\}", text)
    for said in ("$n = 9$ images", "a phantom.", "Intervals: made up.", "(made up too)", "gaze"):
        assert said in caption
    assert r"within 10\,\%" in caption


def test_negative_numbers_have_a_minus_and_directions_arrows() -> None:
    board = board_of(rows_of({"m": [-0.5, -0.25]}, metric="ncc"), NCC)

    assert r"$-$0.375" in export(board)
    assert r"ncc $\uparrow$" in export(board)
    kl = board_of(rows_of({"m": [0.5, 0.25]}, metric="kl"), replace(KL, chance=None))
    assert r"kl $\downarrow$" in export(kl)
    assert "chance: uniform" in export(kl)


def test_more_than_four_metrics_are_several_tables() -> None:
    metrics = [replace(AUC, name=f"m{i}") for i in range(6)]

    text = export(placed_board(PLACES, *metrics))

    assert text.count(r"\begin{table}") == 2
    assert "part 1 of 2" in text
    assert r"\label{tab:toy-1-2}" in text
    assert r"as in Table~\ref{tab:toy-1}" in text


def test_long_boards_break_across_pages() -> None:
    many = {f"entry{i}": (1, 1, 40, 0.0, "no") for i in range(40)}

    text = export(placed_board(many))

    assert r"\begin{longtable}" in text
    assert r"\endhead" in text


@pytest.mark.parametrize("board", [full_board(), empty_board()])
@needs_latex
def test_awkward_boards_compile(board: Board, tmp_path: Path) -> None:
    text = export(board) + "\n\nsome text, as a page without any is none"

    assert "Output written" in compiled(text, tmp_path)


@needs_latex
def test_hostile_names_are_printed_and_do_nothing(tmp_path: Path) -> None:
    board = placed_board({name: (1, 1, 2, 0.5, "no") for name in HOSTILE})
    board = replace(board, dataset=HOSTILE[1], notices=HOSTILE, not_applicable={})

    log = compiled(export(board), tmp_path)

    assert "passwd" not in log
    assert "[U+4E2D]" in export(board)


@needs_latex
def test_long_tables_with_hostile_names_compile(tmp_path: Path) -> None:
    names = [f"{name}{i}" for i in range(4) for name in HOSTILE]

    log = compiled(export(placed_board({n: (1, 1, 44, 0.5, "no") for n in names})), tmp_path)

    assert "Output written" in log


@needs_latex
def test_every_letter_that_stays_is_one_that_latex_sets(tmp_path: Path) -> None:
    kept = [c for c in map(chr, range(0xA0, ord(LAST_LATIN) + 1)) if latex(c) == c]
    assert {"é", "ü", "ç", "ł"} & set(kept) == {"é", "ü", "ç"}

    log = compiled(" ".join(kept), tmp_path)

    assert "Missing character" not in log


@given(st.text())
@settings(max_examples=200)
def test_escaped_text_holds_no_bare_command(text: str) -> None:
    found = latex(text)

    for escape in (r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}"):
        found = found.replace(escape, "")
    found = re.sub(r"\$(\||<|>|\\times|\\pm|\\leq|\\geq)\$|\\[{}$&#%_]", "", found)
    assert not set(found.replace("{}", "")) & set("\\{}$&#%_~^|<>")
    assert "\n" not in found
