"""The leaderboard as JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

from gazebench.spec import (
    Board,
    BoardRow,
    Cell,
    Interval,
    JoinedRow,
    MetricColumn,
    SubsetBoard,
    exporter,
)

FORMAT, VERSION = "gazebench-leaderboard", 1
DIGITS = 10  # significant; what lies beyond differs between processors


@exporter(suffix="json", title="JSON, for programs")
def json_board(board: Board) -> str:
    """Write every number of the board; what is undefined is null, never NaN."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "dataset": board.dataset,
        "rank_by": board.rank_by,
        "interval": board.interval,
        "differences": board.differences,
        "margin": board.margin,
        "reference": board.reference,
        "centre_bias": board.centre_bias,
        "notices": list(board.notices),
        "not_applicable": dict(sorted(board.not_applicable.items())),
        "metrics": [_metric(metric) for metric in board.metrics],
        "subsets": [_subset(subset) for subset in board.subsets],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _metric(metric: MetricColumn) -> dict[str, Any]:
    return {
        "name": metric.name,
        "title": metric.title,
        "higher_is_better": metric.higher_is_better,
        "chance": metric.chance,
        "version": metric.version,
    }


def _subset(subset: SubsetBoard) -> dict[str, Any]:
    return {
        "name": subset.name,
        "n_images": subset.n_images,
        "note": subset.note,
        "rows": [_row(row) for row in subset.rows],
    }


def _row(row: BoardRow) -> dict[str, Any]:
    return {
        "entry": row.entry,
        "kind": str(row.kind),
        "rank": row.rank,
        **({"record": row.record, "badge": row.badge} if isinstance(row, JoinedRow) else {}),
        "cells": {metric: _cell(cell) for metric, cell in row.cells.items()},
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "score": _number(cell.score),
        "interval": _interval(cell.interval),
        "fraction_of_ceiling": _number(cell.fraction),
        "fraction_interval": _interval(cell.fraction_interval),
        "rank": cell.rank,
        "ranks": None
        if cell.ranks is None
        else {"best": cell.ranks.best, "worst": cell.ranks.worst},
        "tie_group": cell.tie_group,
        "probability_best": _number(cell.probability_best),
        "like_a_reader": None if cell.like_a_reader is None else str(cell.like_a_reader),
        "coverage": _number(cell.coverage),
        "n_images": cell.n_images,
        "n_rows": cell.n_rows,
        "note": cell.note,
        "fraction_note": cell.fraction_note,
    }


def _interval(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_number(interval.low), _number(interval.high)]


def _number(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
