"""The gaming checks of a run, as a table on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from gazebench.cli.board_view import shown_plainly

if TYPE_CHECKING:
    from gazebench.engine.checks import Checked

TITLE = "Without looking at the image? (NCC on a coarse grid)"
COLUMNS = ("over\ncentre bias", "blur and\nbias add", "beyond\ncentre bias", "one\nreader")
LEGEND = (
    "over centre bias: the maps' NCC less the centre bias's own.",
    "blur and bias add: what the best blur and the best share of the centre bias would add.",
    "beyond centre bias: what is then above the centre bias's own; 0: maps know no more than it.",
    "one reader: NCC with the nearest reader less the others'; far above the ceiling's: copied.",
)


def print_checks(checks: Sequence[Checked], console: Console | None = None) -> None:
    """Print what was measured and what it says; nothing where there are no entries."""
    table = checks_table(checks)
    if table is not None:
        (console or Console()).print("", table, *LEGEND, sep="\n", highlight=False)


def checks_table(checks: Sequence[Checked]) -> Table | None:
    """Return one line per entry and one for the readers; None where there are no entries."""
    if len(checks) < 2:
        return None
    table = Table(title=TITLE, title_justify="left", box=None, pad_edge=False)
    table.add_column("entry", overflow="fold")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for one in checks:
        table.add_row(shown_plainly(one.entry), *map(_cell, _figures(one)))
    return table


def _figures(one: Checked) -> tuple[float | None, ...]:
    return (
        one.gain_over_centre_bias,
        one.gain_from_blur_and_bias,
        one.gain_beyond_bias,
        one.closest_reader_excess,
    )


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"
