"""Small score tables and boards for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from gazebench.leaderboard.aggregate import build_board
from gazebench.spec.board import (
    Board,
    BoardRow,
    Cell,
    Interval,
    MetricColumn,
    RankInterval,
    SubsetBoard,
    Verdict,
)
from gazebench.spec.values import EntryKind

AUC = MetricColumn(name="auc", title="AUC", higher_is_better=True, chance=0.5, version=1)
SAUC = MetricColumn(name="sauc", title="sAUC", higher_is_better=True, chance=0.5, version=1)
NCC = MetricColumn(name="ncc", title="NCC", higher_is_better=True, chance=0.0, version=1)
KL = MetricColumn(name="kl", title="KL", higher_is_better=False, chance=2.0, version=1)

NAMES = ("case", "reading", "entry", "kind", "seed", "metric", "value", "status", "reason")
MEASURED_KL = MetricColumn(name="kl", title="KL", higher_is_better=False, chance=None, version=1)


def row(entry: str, value: float | None, **changes: Any) -> dict[str, Any]:
    """Return one score row; an entry called ceiling, floor or uniform is what its name says."""
    kind = {"ceiling": "ceiling", "floor": "floor", "uniform": "floor"}.get(entry, EntryKind.ENTRY)
    status = "missing" if value is None else "ok"
    plain = {"case": "a", "reading": "r", "seed": 0, "metric": "auc", "status": status}
    return {**plain, "entry": entry, "kind": kind, "value": value, "reason": "", **changes}


def rows_of(scores: Mapping[str, Iterable[float | None]], **changes: Any) -> list[dict[str, Any]]:
    """Return one row per image: entry -> its values on the images "0", "1", ..."""
    return [
        row(entry, value, case=str(index), **changes)
        for entry, values in scores.items()
        for index, value in enumerate(values)
    ]


def table_of(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Return score rows as a table, with their clusters where rows have any."""
    rows = list(rows)
    types = {"seed": pa.int64(), "value": pa.float64()}
    names = [*NAMES, "cluster"] if any("cluster" in r for r in rows) else NAMES
    return pa.table(
        {n: pa.array([r.get(n, "") for r in rows], type=types.get(n, pa.string())) for n in names}
    )


def board_of(rows: Iterable[Mapping[str, Any]], *metrics: MetricColumn, **options: Any) -> Board:
    """Build a board with few resamples."""
    settings = {"subsets": {}, "dataset": "toy", "not_applicable": {}, "resamples": 200, **options}
    return build_board(table_of(rows), metrics={m.name: m for m in metrics or (AUC,)}, **settings)


def line(board: Board, entry: str, subset: int = 0) -> BoardRow:
    """Return an entry's row."""
    return next(r for r in board.subsets[subset].rows if r.entry == entry)


def cell(board: Board, entry: str, metric: str = "auc", subset: int = 0) -> Cell:
    """Return an entry's cell."""
    return line(board, entry, subset).cells[metric]


def placed_board(
    places: Mapping[str, tuple[int, int, int, float, str]], *metrics: MetricColumn, **changes: Any
) -> Board:
    """Build a board by hand: entry -> tie group, best and worst rank, probability, verdict.

    The scores fall by 0.01 in that order; the ceiling stands before all, the floor after.
    """
    metrics = metrics or (AUC,)
    rows = [_placed("ceiling", EntryKind.CEILING, 0.9, metrics, {})]
    for index, (entry, (group, best, worst, probability, verdict)) in enumerate(places.items()):
        place = {
            "rank": index + 1,
            "ranks": RankInterval(best, worst),
            "tie_group": group,
            "probability_best": probability,
            "like_a_reader": Verdict(verdict),
        }
        rows.append(_placed(entry, EntryKind.ENTRY, 0.8 - 0.01 * index, metrics, place))
    rows.append(_placed("uniform", EntryKind.FLOOR, 0.5, metrics, {}))
    plain = {
        "dataset": "toy",
        "metrics": metrics,
        "rank_by": metrics[0].name,
        "interval": "made up",
        "differences": "made up too",
        "centre_bias": "",
        "subsets": (SubsetBoard(name="all", n_images=9, rows=tuple(rows)),),
        "not_applicable": {},
    }
    return Board(**{**plain, **changes})


def _placed(
    entry: str, kind: EntryKind, score: float, metrics: Iterable[MetricColumn], place: Any
) -> BoardRow:
    found = Cell(
        score=score,
        interval=Interval(low=score - 0.02, high=score + 0.02),
        fraction=(score - 0.5) / 0.4,
        coverage=1.0,
        n_images=9,
        n_rows=9,
        **place,
    )
    cells = {metric.name: found for metric in metrics}
    return BoardRow(entry=entry, kind=kind, rank=found.rank, cells=cells)
