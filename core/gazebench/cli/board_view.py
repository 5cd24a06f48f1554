"""A board in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gazebench.spec.board import Board, BoardRow, Cell, Interval, MetricColumn, SubsetBoard
from gazebench.spec.in_words import Place, chance_in_words, legend, notes_of, places, share_in_words
from gazebench.spec.printable import printable
from gazebench.spec.values import EntryKind

if TYPE_CHECKING:
    from rich.box import Box
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

STYLES = {EntryKind.CEILING: "bold green", EntryKind.FLOOR: "yellow", EntryKind.ENTRY: ""}
PROSE = 100  # columns for the sentences under the tables
SCORE, BOUNDS, SHARE = 6, 16, 7  # columns of "-0.123", "[-0.123, -0.123]", " -123 %"
GAP = 2  # between columns
PLACE = len("ceiling") + GAP + len("10-12") + GAP  # columns of group and rank
VERDICT = GAP + len("> 99 %") + GAP + len("undecided")  # columns of best and like a reader
# Columns of an entry's name: for one-line cells, among many metrics, and at the very least
ENTRY, NARROW, SHORTEST = 24, 19, 12
INDENT = 2  # of the further lines of an entry's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What one table shows, and how.

    Attributes:
        metrics: its columns.
        rank_by: the metric that places the rows; None in a table without places.
        entry: columns for an entry's name.
        wide: whether a cell takes one line instead of two.
    """

    metrics: tuple[MetricColumn, ...]
    rank_by: str | None
    entry: int
    wide: bool


def print_board(board: Board, console: Console | None = None) -> None:
    """Print every subset's table, the notes under it, and what the numbers are."""
    console = console or wide_console(_width_of_one_line(board))
    for part in board_lines(board, width=console.width):
        console.print(part)


def board_lines(board: Board, *, width: int) -> Iterator[RenderableType]:
    """Yield what to print: the ranking, and beside it or below it the other metrics.

    All metrics share a table where `width` allows it. Elsewhere the first table holds the ranking
    alone, and the others as many metrics as fit.
    """
    from rich.text import Text

    for subset in board.subsets:
        yield _title(board, subset)
        for number, layout in enumerate(layouts(board, width=width) if subset.rows else ()):
            if number:
                yield Text()
            yield _table(subset, layout)
        for note in notes_of(subset):
            yield shown_plainly(f"  {note}", "dim")
        yield Text()
    yield from _footer(board)


def layouts(board: Board, *, width: int) -> list[Layout]:
    """Divide a board's metrics over tables that fit."""
    metrics = _ranking_first(board)
    longest = _longest_name(board)
    if width >= _width_of_one_line(board):
        return [Layout(metrics=metrics, rank_by=board.rank_by, entry=longest, wide=True)]
    room = width - PLACE - VERDICT - GAP
    wide = room - _one_line_cell() >= min(longest, ENTRY)
    left = max(room - (_one_line_cell() if wide else BOUNDS), SHORTEST)
    ranking = Layout(metrics=metrics[:1], rank_by=board.rank_by, entry=left, wide=wide)
    return [ranking, *_of_the_others(metrics[1:], width=width, longest=longest)]


def _of_the_others(
    metrics: tuple[MetricColumn, ...], *, width: int, longest: int
) -> Iterator[Layout]:
    """Yield as few tables as are possible, as even as they can be."""
    room = width - len("ceiling") - GAP
    fitting = max((room - min(longest, NARROW)) // (GAP + BOUNDS), 1)
    tables = -(-len(metrics) // fitting)
    for table in range(tables):
        chosen = metrics[table * len(metrics) // tables : (table + 1) * len(metrics) // tables]
        left = max(room - len(chosen) * (GAP + BOUNDS), SHORTEST)
        yield Layout(metrics=chosen, rank_by=None, entry=left, wide=False)


def _footer(board: Board) -> Iterator[Text]:
    for sentence in legend(board):
        yield shown_plainly(sentence, "dim")
    if len(board.metrics) > 1:
        yield shown_plainly("Bold scores: none is significantly better on their metric.", "dim")
    if board.reference:
        yield shown_plainly(f"Reference: {board.reference}.", "dim")
    if board.centre_bias:
        yield shown_plainly(f"Centre bias: {board.centre_bias}.", "dim")
    for notice in board.notices:
        yield shown_plainly(f"Note: {notice}", "bold")
    for entry, why in board.not_applicable.items():
        yield shown_plainly(f"Not applicable: {entry}: {why}", "dim")


def _ranking_first(board: Board) -> tuple[MetricColumn, ...]:
    return tuple(sorted(board.metrics, key=lambda metric: metric.name != board.rank_by))


def _longest_name(board: Board) -> int:
    rows = [row for subset in board.subsets for row in subset.rows]
    return max((len(row.entry) + len(_coverage(row)) for row in rows), default=0)


def _one_line_cell() -> int:
    return SCORE + 1 + BOUNDS + SHARE


def _width_of_one_line(board: Board) -> int:
    cells = len(board.metrics) * (GAP + _one_line_cell())
    return PLACE + _longest_name(board) + cells + VERDICT


def wide_console(full_width: int, least: int = 0) -> Console:
    """Return a console as wide as the terminal, or `least`; elsewhere at least `full_width`."""
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal and console.width >= least:
        return console
    # No screen limits a file; and a screen that is too narrow wraps lines, which loses nothing.
    return Console(highlight=False, width=least if console.is_terminal else max(full_width, PROSE))


def _title(board: Board, subset: SubsetBoard) -> Text:
    images = "1 image" if subset.n_images == 1 else f"{subset.n_images} images"
    return shown_plainly(f"{board.dataset}: {subset.name} ({images})", "bold")


def _table(subset: SubsetBoard, layout: Layout) -> Table:
    from rich.table import Table

    table = Table(box=ruled(), padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    _add_columns(table, layout)
    placed = {} if layout.rank_by is None else places(subset, layout.rank_by)
    above = None  # the group of the entry above
    for row in subset.rows:
        group = row.cells[layout.rank_by].tie_group if layout.rank_by else None
        if None not in (above, group) and above != group:
            table.add_section()
        above = above if group is None else group
        table.add_row(*_line(row, layout, placed.get(row.entry)))
    return table


def _line(row: BoardRow, layout: Layout, place: Place | None) -> Iterator[Text]:
    is_entry = row.kind is EntryKind.ENTRY
    yield shown_plainly(
        place.group if place and is_entry else _kind(row), STYLES[row.kind] or "bold"
    )
    if place is not None:
        yield shown_plainly(place.ranks)
    yield _entry(row, layout)
    for number, metric in enumerate(layout.metrics):
        cell = row.cells[metric.name]
        yield _cell(cell, row.kind, wide=layout.wide)
        if number == 0 and place is not None:
            yield shown_plainly(share_in_words(cell.probability_best) if is_entry else "")
            yield shown_plainly(cell.like_a_reader or "")


def _add_columns(table: Table, layout: Layout) -> None:
    first, *others = (_heading(metric, layout.rank_by) for metric in layout.metrics)
    table.add_column("group" if layout.rank_by else "", justify="right", no_wrap=True)
    if layout.rank_by:
        table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("entry", overflow="fold")
    table.add_column(first, no_wrap=True)
    if layout.rank_by:
        table.add_column("best", justify="right", no_wrap=True)
        table.add_column("like a\nreader", no_wrap=True)
    for heading in others:
        table.add_column(heading, no_wrap=True)


def ruled() -> Box:
    """Return a look with a heavy line under the heading and a light one between groups."""
    from rich.box import Box

    return Box("    \n    \n ━━ \n    \n ── \n    \n    \n    \n")


def _heading(metric: MetricColumn, rank_by: str | None) -> Text:
    direction = "" if metric.higher_is_better else "\n lower is better"
    name = shown_plainly(metric.name, "bold underline" if metric.name == rank_by else "bold")
    chance = chance_in_words(metric).replace(": ", ":\n ")
    return _joined(shown_plainly(" "), name, shown_plainly(f"\n {chance}{direction}", "dim"))


def _kind(row: BoardRow) -> str:
    return "" if row.kind is EntryKind.ENTRY else str(row.kind)


def _entry(row: BoardRow, layout: Layout) -> Text:
    name = shown_plainly(broken_at_slashes(row.entry, layout.entry), STYLES[row.kind])
    covered = _coverage(row)
    if not layout.wide or layout.entry < len(row.entry) + len(covered):
        covered = covered.replace(" (", f"\n{' ' * INDENT}").replace(")", "")
    return _joined(name, shown_plainly(covered, "red"))


def _coverage(row: BoardRow) -> str:
    """Return " (66 % covered)", or "" where nothing is missing."""
    covered = [cell.coverage for cell in row.cells.values() if cell.score is not None]
    least = min(covered, default=1.0)
    # Rounded down: 99.9 % must not look complete.
    return "" if least == 1 else f" ({int(100 * least)} % covered)"


def _cell(cell: Cell, kind: EntryKind, *, wide: bool) -> Text:
    if cell.score is None:
        return shown_plainly(f"{'n/a':>{SCORE}}", "dim")
    style = STYLES[kind] or ("bold" if cell.ranks and cell.ranks.best == 1 else "")
    score = shown_plainly(f"{rounded(cell.score):>{SCORE}}", style)
    share = percentage(cell.fraction)
    if wide:
        bounds = shown_plainly(f" {_bounds(cell.interval):<{BOUNDS}}", "dim")
        return _joined(score, bounds, shown_plainly(f"{share:>{SHARE}}", "cyan"))
    bounds = shown_plainly(f"\n{_bounds(cell.interval):>{BOUNDS}}", "dim")
    return _joined(score, shown_plainly(f"{share:>{BOUNDS - SCORE}}", "cyan"), bounds)


def broken_at_slashes(entry: str, columns: int) -> str:
    """Break a name that is longer than its column, after slashes where that is possible.

    >>> print(broken_at_slashes("timm/resnet50/gradcam/class:Edema", 19))
    timm/resnet50/
      gradcam/
      class:Edema
    """
    lines = [""]
    for part in re.findall(r"[^/]*/|[^/]+", entry):
        if lines[-1] and len(lines[-1]) + len(part) > columns - INDENT:
            lines.append("")
        lines[-1] += part
    return f"\n{' ' * INDENT}".join(lines) if len(entry) > columns else entry


def rounded(value: float) -> str:
    """Write a number with three decimals, and zero without a sign.

    >>> rounded(-0.0001), rounded(0.12345)
    ('0.000', '0.123')
    """
    return f"{value:.3f}".replace("-0.000", "0.000")


def percentage(fraction: float | None) -> str:
    """Write a fraction in per cent; a dash where there is none.

    >>> percentage(0.5074), percentage(None)
    ('51 %', '-')
    """
    return "-" if fraction is None else f"{round(100 * fraction)} %"


def _bounds(interval: Interval | None) -> str:
    return "" if interval is None else f"[{rounded(interval.low)}, {rounded(interval.high)}]"


def _joined(*parts: Text) -> Text:
    from rich.text import Text

    return Text.assemble(*parts)


def shown_plainly(text: str, style: str = "") -> Text:
    """Return text without markup; what would steer the terminal is made visible."""
    from rich.text import Text

    return Text.assemble((printable(text), style))
