"""How large sites get: a hundred entries are read on a phone, over a slow line."""

from __future__ import annotations

from dataclasses import replace

from gazebench.publish.site.build import site_files
from gazebench.publish.standings import Standings
from gazebench.spec.board import Board
from site_boards import METRICS, entry_names, standings_of

MEGABYTE = 1_000_000  # bytes


def test_a_board_of_a_hundred_entries_is_less_than_a_megabyte_in_all() -> None:
    """Four metrics, four subsets: every page and every download together."""
    subsets = ("abnormal", "normal", "finding:Edema")
    files = site_files([standings_of(entry_names(100), subsets=subsets)])

    assert sum(map(len, files.values())) < MEGABYTE


def test_no_page_of_a_huge_board_is_more_than_a_megabyte() -> None:
    """A hundred entries, twelve metrics, ten subsets."""
    files = site_files([_huge(standings_of(entry_names(100), metrics=METRICS[:2], subsets=()))])

    assert len([name for name in files if name.startswith("toy/subsets-")]) == 12
    assert max(map(len, files.values())) < MEGABYTE


def _huge(small: Standings) -> Standings:
    """Return a board with the same cells under twelve metrics and in ten subsets."""
    board = small.board
    first, whole = board.metrics[0].name, board.subsets[0]
    rows = tuple(
        replace(row, cells={metric.name: row.cells[first] for metric in METRICS})
        for row in whole.rows
    )
    names = ("all", *(f"finding:Number {n}" for n in range(9)))
    subsets = tuple(replace(whole, name=name, rows=rows) for name in names)
    made: Board = replace(board, metrics=METRICS, subsets=subsets)
    matrices = tuple(replace(small.matrices[0], metric=metric.name) for metric in METRICS)
    return replace(small, board=made, matrices=matrices)
