"""The leaderboard as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io

from gazebench.spec import Board, BoardRow, Cell, Interval, JoinedRow, SubsetBoard, exporter

DIGITS = 10  # significant; what lies beyond differs between processors
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = (
    "dataset",
    "subset",
    "entry",
    "kind",
    "rank",
    "metric",
    "metric_rank",
    "ranks_best",
    "ranks_worst",
    "tie_group",
    "probability_best",
    "like_a_reader",
    "score",
    "low",
    "high",
    "fraction_of_ceiling",
    "fraction_low",
    "fraction_high",
    "coverage",
    "n_images",
    "n_rows",
    "note",
    "fraction_note",
    "record",
    "badge",
)


@exporter(suffix="csv", title="CSV, for spreadsheets")
def csv_board(board: Board) -> str:
    """Write one line per subset, entry and metric; what is undefined is empty.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for subset in board.subsets:
        for row in subset.rows:
            for metric, cell in row.cells.items():
                writer.writerow(_line(board, subset, row, metric, cell))
    return file.getvalue()


def _line(
    board: Board, subset: SubsetBoard, row: BoardRow, metric: str, cell: Cell
) -> list[str | int]:
    return [
        _text(board.dataset),
        _text(subset.name),
        _text(row.entry),
        str(row.kind),
        _count(row.rank),
        _text(metric),
        _count(cell.rank),
        *(("", "") if cell.ranks is None else cell.ranks),
        _count(cell.tie_group),
        _number(cell.probability_best),
        str(cell.like_a_reader or ""),
        _number(cell.score),
        *_bounds(cell.interval),
        _number(cell.fraction),
        *_bounds(cell.fraction_interval),
        _number(cell.coverage),
        cell.n_images,
        cell.n_rows,
        _text(cell.note),
        _text(cell.fraction_note),
        *((row.record, row.badge) if isinstance(row, JoinedRow) else ("", "")),
    ]


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def _count(value: int | None) -> str | int:
    return "" if value is None else value


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(f"{value:.{DIGITS}g}"))


def _bounds(interval: Interval | None) -> tuple[str, str]:
    return ("", "") if interval is None else (_number(interval.low), _number(interval.high))
