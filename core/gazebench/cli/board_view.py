"""A board in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gazebench.spec.board import Board, BoardRow, Cell, Interval, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

STYLES = {EntryKind.CEILING: "bold green", EntryKind.FLOOR: "yellow", EntryKind.ENTRY: ""}
PIPED = 200  # columns when nobody's screen limits them
ONE_LINE = 28  # columns of a cell on one line, with its share of the frame
FRAME = 44  # columns of place and entry


def print_board(board: Board, console: Console | None = None) -> None:
    """Print every subset's table, the notes under it, and what the numbers are."""
    console = console or _console()
    for part in board_lines(board, width=console.width):
        console.print(part)


def board_lines(board: Board, *, width: int) -> Iterator[RenderableType]:
    """Yield what to print; cells take one line where `width` allows it, and two otherwise."""
    from rich.text import Text

    wide = width >= FRAME + ONE_LINE * len(board.metrics)
    for subset in board.subsets:
        yield _title(board, subset)
        if subset.rows:
            yield _table(board, subset, wide=wide)
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


def _console() -> Console:
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED)


def _title(board: Board, subset: SubsetBoard) -> Text:
    images = "1 image" if subset.n_images == 1 else f"{subset.n_images} images"
    return _plain(f"{board.dataset}: {subset.name} ({images})", "bold")


def _table(board: Board, subset: SubsetBoard, *, wide: bool) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("entry", overflow="fold", min_width=16)
    for metric in board.metrics:
        table.add_column(_heading(metric, board.rank_by), justify="right", no_wrap=True)
    for row in subset.rows:
        cells = [_cell(row.cells[metric.name], row.kind, wide=wide) for metric in board.metrics]
        table.add_row(_place(row), _entry(row), *cells)
    return table


def _heading(metric: MetricColumn, rank_by: str) -> Text:
    heading = _plain(metric.name, "bold underline" if metric.name == rank_by else "bold")
    direction = "" if metric.higher_is_better else ", lower is better"
    return heading.append(_plain(f"\nchance {metric.chance:g}{direction}", "dim"))


def _place(row: BoardRow) -> Text:
    if row.kind is not EntryKind.ENTRY:
        return _plain(str(row.kind), STYLES[row.kind])
    return _plain("" if row.rank is None else str(row.rank), "bold")


def _entry(row: BoardRow) -> Text:
    name = _plain(row.entry, STYLES[row.kind])
    covered = [cell.coverage for cell in row.cells.values() if cell.score is not None]
    least = min(covered, default=1.0)
    # Rounded down: 99.9 % must not look complete.
    return name if least == 1 else name.append(_plain(f" ({int(100 * least)} % covered)", "red"))


def _cell(cell: Cell, kind: EntryKind, *, wide: bool) -> Text:
    if cell.score is None:
        return _plain("n/a", "dim")
    text = _plain(f"{rounded(cell.score):>6}", STYLES[kind] or "bold")
    share = f"{percentage(cell.fraction):>7}"
    if wide:
        text.append(_plain(f" {_bounds(cell.interval):<16}", "dim"))
        return text.append(_plain(share, "cyan"))
    text.append(_plain(share, "cyan"))
    return text.append(_plain(f"\n{_bounds(cell.interval)}", "dim"))


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
    return "-" if fraction is None else f"{100 * fraction:.0f} %"


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


def _plain(text: str, style: str = "") -> Text:
    """Return text without markup; what would steer the terminal is made visible."""
    from rich.text import Text

    shown = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
    return Text(shown, style=style)
