"""Rows whose numbers are only stated: their cells, and resamples made from their intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.assemble import Part
from gazebench.spec.board import Cell, MetricColumn
from gazebench.spec.values import EntryKind
from gazebench.stats.ceiling import why_no_fraction
from gazebench.stats.estimate import Estimate

WIDTH = 3.92  # standard errors in a 95 % interval
UNKNOWN = Cell(
    score=None, coverage=0.0, n_images=0, n_rows=0, note="not scored", fraction_note="not scored"
)
NO_INTERVAL = "no interval is stated: it is not ranked, and the others are without it"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRow:
    """One row of a record without case scores.

    Attributes:
        name: on the board.
        key: the record's name and the row's, of which its resamples are drawn.
        cells: (subset, metric) -> the cell as the record states it.
    """

    name: str
    key: str
    kind: EntryKind
    cells: Mapping[tuple[str, str], Cell]


def with_stated(
    part: Part,
    rows: Iterable[StatedRow],
    metric: MetricColumn,
    subset: str,
    *,
    clusters: int,
    resamples: int,
) -> Part:
    """Add stated rows to what was scored of one metric within one subset.

    A shared row (the ceiling, a floor) is added where nobody scored it. An entry is ranked by a
    normal resample with its score and its interval's standard error, independent of all others:
    nothing is known about which images it found hard, so its differences get no benefit from
    pairing.
    """
    cells, scores = dict(part.cells), dict(part.scores)
    present = _present(part, clusters)
    for row in rows:
        cell = row.cells.get((subset, metric.name))
        known = cells.get(row.name)
        if known is not None and (known.score is not None or cell is None):
            continue
        cells[row.name] = _unplaced(cell or UNKNOWN)
        if row.kind is EntryKind.ENTRY and cell is not None:
            key = f"{row.key}\n{metric.name}\n{subset}"
            drawn = _estimate(cell, key, present, resamples)
            if drawn is not None:
                scores[row.name] = drawn
            elif cell.score is not None:
                cells[row.name] = replace(cells[row.name], note=_noted(cell, NO_INTERVAL))
    return Part(cells, {name: scores[name] for name in sorted(scores)})


def with_fractions(
    cells: Mapping[str, Cell], ceiling: Cell | None, metric: MetricColumn
) -> dict[str, Cell]:
    """Give stated cells the fraction of a stated ceiling, where they lack one and it means much."""
    if ceiling is None or ceiling.score is None or metric.chance is None:
        return dict(cells)
    problem = why_no_fraction(
        ceiling.interval, chance=metric.chance, higher_is_better=metric.higher_is_better
    )
    above = ceiling.score - metric.chance
    return {
        name: _with_fraction(cell, above, metric.chance, problem) for name, cell in cells.items()
    }


def _with_fraction(cell: Cell, above: float, chance: float, problem: str | None) -> Cell:
    if cell.score is None or cell.fraction is not None or cell.fraction_note:
        return cell
    if problem:
        return replace(cell, fraction_note=problem)
    return replace(cell, fraction=(cell.score - chance) / above)


def _estimate(cell: Cell, key: str, present: NDArray[np.bool_], resamples: int) -> Estimate | None:
    if cell.score is None or cell.interval is None:
        return None
    seed = hashlib.sha256(key.encode()).digest()
    drawn = np.random.default_rng(int.from_bytes(seed[:8])).standard_normal(resamples)
    spread = np.std(drawn, ddof=1) if resamples > 1 else 1.0
    error = (cell.interval.high - cell.interval.low) / WIDTH
    first = np.cumsum(present) <= (cell.n_images or len(present))
    return Estimate(
        point=cell.score,
        resampled=cell.score + error * (drawn - drawn.mean()) / spread,
        left_out=np.full(len(present), cell.score),
        present=present & first,
    )


def _present(part: Part, clusters: int) -> NDArray[np.bool_]:
    """Return the clusters that any of the scored entries depends on; all where there is none."""
    known = [e.present for e in part.scores.values() if e.present is not None]
    return np.logical_or.reduce(known) if known else np.ones(clusters, dtype=np.bool_)


def _unplaced(cell: Cell) -> Cell:
    return replace(cell, rank=None, ranks=None, tie_group=None, probability_best=None)


def _noted(cell: Cell, note: str) -> str:
    return f"{cell.note}; {note}" if cell.note else note
