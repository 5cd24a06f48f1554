"""A board in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gazebench.spec.board import Board, BoardRow, Cell, Interval, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

STYLES = {EntryKind.CEILING: "bold green", EntryKind.FLOOR: "yellow", EntryKind.ENTRY: ""}
PROSE = 100  # columns for the sentences under the tables
SCORE, BOUNDS, SHARE = 6, 16, 7  # columns of "-0.123", "[-0.123, -0.123]", " -123 %"
PLACE, ENTRY, GAP = 7, 19, 2  # columns of "ceiling", at least of an entry, between columns
INDENT = 2  # of the further lines of an entry's name


def print_board(board: Board, console: Console | None = None) -> None:
    """Print every subset's table, the notes under it, and what the numbers are."""
    console = console or _console(_width_of_one_line(board))
    for part in board_lines(board, width=console.width):
        console.print(part)


def board_lines(board: Board, *, width: int) -> Iterator[RenderableType]:
    """Yield what to print; cells take one line where `width` allows it, and two otherwise.

    What is still too wide becomes several tables, each with some of the metrics.
    """
    from rich.text import Text

    wide = width >= _width_of_one_line(board)
    fitting = (
        len(board.metrics) if wide else max((width - PLACE - GAP - ENTRY) // (GAP + BOUNDS), 1)
    )
    for subset in board.subsets:
        yield _title(board, subset)
        for start in range(0, len(board.metrics) if subset.rows else 0, fitting):
            metrics = board.metrics[start : start + fitting]
            if start:
                yield Text()
            yield _table(subset, metrics, rank_by=board.rank_by, wide=wide)
        for note in _notes(subset):
            yield _plain(f"  {note}", "dim")
        yield Text()
    yield _plain(f"Ranked by {board.rank_by}. Intervals: {board.interval}.", "dim")
    yield _plain(
        "Percentages: fraction of the ceiling, (score - chance) / (ceiling - chance).", "dim"
    )
    if board.centre_bias:
        yield _plain(f"Centre bias: {board.centre_bias}.", "dim")
    for notice in board.notices:
        yield _plain(f"Note: {notice}", "bold")
    for entry, why in board.not_applicable.items():
        yield _plain(f"Not applicable: {entry}: {why}", "dim")


def _console(full_width: int) -> Console:
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        return console
    return Console(highlight=False, width=max(full_width, PROSE))  # no screen limits a file


def _title(board: Board, subset: SubsetBoard) -> Text:
    images = "1 image" if subset.n_images == 1 else f"{subset.n_images} images"
    return _plain(f"{board.dataset}: {subset.name} ({images})", "bold")


def _width_of_one_line(board: Board) -> int:
    names = [len(row.entry) for subset in board.subsets for row in subset.rows]
    cell = SCORE + 1 + BOUNDS + SHARE
    return PLACE + GAP + max(names, default=0) + len(board.metrics) * (GAP + cell)


def _table(
    subset: SubsetBoard, metrics: Sequence[MetricColumn], *, rank_by: str, wide: bool
) -> Table:
    from rich import box
    from rich.table import Table

    look = box.SIMPLE_HEAD
    table = Table(box=look, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("entry", overflow="fold")
    for metric in metrics:
        table.add_column(_heading(metric, rank_by), no_wrap=True)
    for row in subset.rows:
        cells = [_cell(row.cells[metric.name], row.kind, wide=wide) for metric in metrics]
        table.add_row(_place(row), _entry(row, wide=wide), *cells)
    return table


def _heading(metric: MetricColumn, rank_by: str) -> Text:
    direction = "" if metric.higher_is_better else "\n lower is better"
    name = _plain(metric.name, "bold underline" if metric.name == rank_by else "bold")
    return _joined(_plain(" "), name, _plain(f"\n chance {metric.chance:g}{direction}", "dim"))


def _place(row: BoardRow) -> Text:
    if row.kind is not EntryKind.ENTRY:
        return _plain(str(row.kind), STYLES[row.kind])
    return _plain("" if row.rank is None else str(row.rank), "bold")


def _entry(row: BoardRow, *, wide: bool) -> Text:
    name = _plain(row.entry if wide else broken_at_slashes(row.entry), STYLES[row.kind])
    covered = [cell.coverage for cell in row.cells.values() if cell.score is not None]
    least = min(covered, default=1.0)
    # Rounded down: 99.9 % must not look complete.
    if least == 1:
        return name
    covered_text = f"{int(100 * least)} % covered"
    return _joined(name, _plain(f" ({covered_text})" if wide else f"\n  {covered_text}", "red"))


def _cell(cell: Cell, kind: EntryKind, *, wide: bool) -> Text:
    if cell.score is None:
        return _plain(f"{'n/a':>{SCORE}}", "dim")
    score = _plain(f"{rounded(cell.score):>{SCORE}}", STYLES[kind] or "bold")
    share = percentage(cell.fraction)
    if wide:
        bounds = _plain(f" {_bounds(cell.interval):<{BOUNDS}}", "dim")
        return _joined(score, bounds, _plain(f"{share:>{SHARE}}", "cyan"))
    bounds = _plain(f"\n{_bounds(cell.interval):>{BOUNDS}}", "dim")
    return _joined(score, _plain(f"{share:>{BOUNDS - SCORE}}", "cyan"), bounds)


def broken_at_slashes(entry: str) -> str:
    """Break a name that is longer than its column, after slashes where that is possible.

    >>> print(broken_at_slashes("timm/resnet50/gradcam/class:Edema"))
    timm/resnet50/
      gradcam/
      class:Edema
    """
    lines = [""]
    for part in re.findall(r"[^/]*/|[^/]+", entry):
        if lines[-1] and len(lines[-1]) + len(part) > ENTRY - INDENT:
            lines.append("")
        lines[-1] += part
    return f"\n{' ' * INDENT}".join(lines) if len(entry) > ENTRY else entry


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


def _notes(subset: SubsetBoard) -> Iterator[str]:
    """Yield each note once, with the metrics it holds for."""
    if subset.note:
        yield subset.note
    for row in subset.rows:
        where: dict[str, list[str]] = {}
        for metric, cell in row.cells.items():
            if cell.note:
                where.setdefault(cell.note, []).append(metric)
        for note, metrics in where.items():
            yield f"{row.entry}, {', '.join(metrics)}: {note}"


def _joined(*parts: Text) -> Text:
    from rich.text import Text

    return Text.assemble(*parts)


def _plain(text: str, style: str = "") -> Text:
    """Return text without markup; what would steer the terminal is made visible."""
    from rich.text import Text

    shown = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
    return Text.assemble((shown, style))
