"""From a number of a board back to its formula, its rows and its commands."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import RunError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.compare import choose
from gazebench.leaderboard.explain_formula import formula_of
from gazebench.leaderboard.explain_rows import rows_behind
from gazebench.leaderboard.explanation import Explanation, ImageMean, Rival, Substitution
from gazebench.leaderboard.grid import OK, STATES
from gazebench.leaderboard.pool import ALL, RESAMPLES, JointResamples, Pool, make_pool
from gazebench.leaderboard.run_record import RunRecord, read_run_record
from gazebench.leaderboard.scored import Scored
from gazebench.leaderboard.scored_table import ScoredTable
from gazebench.leaderboard.table_subsets import named_expression
from gazebench.registry.host import Host
from gazebench.spec.board import Board, Cell
from gazebench.spec.values import EntryKind
from gazebench.stats.intervals import IntervalKind
from gazebench.stats.ranks import ALPHA, pairwise

AGREES = 1e-9  # relative: files keep ten digits
BOARD = "leaderboard.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """The cell to explain, among everything that was scored."""

    table: ScoredTable
    pool: Pool
    joint: JointResamples
    board: Board
    entry: str
    metric: str
    subset: str

    @property
    def scored(self) -> Scored | None:
        """The entry's scores, if it has any."""
        return self.pool.scored[self.metric].get(self.entry)

    @property
    def units(self) -> NDArray[np.bool_]:
        """Which readings belong to the subset, [units]."""
        members: NDArray[np.bool_] = self.joint.members[self.subset]
        return np.asarray(members[self.pool.grid.case_of_unit])

    def cell(self, entry: str) -> Cell:
        """Return an entry's cell."""
        (subset,) = [found for found in self.board.subsets if found.name == self.subset]
        (row,) = [row for row in subset.rows if row.entry == entry]
        return row.cells[self.metric]


def explain(
    table: ScoredTable,
    entry: str,
    metric: str,
    *,
    host: Host,
    subset: str = ALL,
    interval: str | None = None,
    resamples: int | None = None,
    options: Sequence[str] = (),
) -> Explanation:
    """Explain an entry's score on a metric within a subset ("all", a name, or NAME=EXPRESSION).

    `interval` and `resamples` are the run's own unless given. `options` are what the table had to
    be read with, as words of a command line.

    Raises:
        UsageError: an unknown entry, metric, subset or interval.
        DataError: the table or the manifest cannot be understood.
        PluginError: the metric's plugin does not load.
        RunError: the rows do not give the board's number.
    """
    record = read_run_record(table.path)
    kind = interval or (record.setting("interval", None) if record else None) or "bootstrap"
    drawn = resamples or (record.setting("resamples", None) if record else None) or RESAMPLES
    place = _found(table, entry, metric, subset, str(kind), int(drawn))
    scored, cell = place.scored, place.cell(entry)
    chance, matched = (
        place.joint.chance(metric, place.subset),
        place.joint.matched(metric, entry, place.subset),
    )
    kinds = {one.name: one.kind for one in place.pool.grid.entries}
    return Explanation(
        dataset=table.dataset,
        entry=entry,
        kind=kinds[entry],
        metric=metric,
        subset=place.subset,
        n_images=int(place.joint.members[place.subset].sum()),
        cell=cell,
        interval=place.board.interval,
        differences=place.board.differences,
        recomputed=_recomputed(place, cell),
        formula=formula_of(table.metrics[metric], host, record),
        ceiling=_ceiling(place),
        chance=None if chance is None else chance.point,
        matched=None if matched is None else matched.point,
        seeds=_seeds(table, entry),
        readings=0 if scored is None else int(_counts(scored)[place.units].astype(bool).sum()),
        substitutions=() if scored is None else tuple(_substitutions(place, scored)),
        gaps="" if scored is None else scored.gaps(place.units),
        rivals=_rivals(place) if cell.rank is not None else (),
        images=() if scored is None else _images(place, scored),
        rows=rows_behind(table.path, entry, kinds[entry], metric, subset),
        made_by=() if record is None else record.made_by(entry) or (_nobody(kinds[entry]),),
        versions=() if record is None else tuple(f"{k} {v}" for k, v in record.versions.items()),
        command="" if record is None else record.command,
        again=_again(place, subset, str(kind), int(drawn), options),
        notes=(*table.notices, *_notes(place, cell, record)),
    )


def _nobody(kind: EntryKind) -> str:
    ceiling = "each reading's own fixation density"
    return ceiling if kind is EntryKind.CEILING else "the manifest does not name its plugins"


def _found(
    table: ScoredTable, entry: str, metric: str, subset: str, interval: str, resamples: int
) -> _Place:
    name = subset if subset == ALL else named_expression(subset)[0]
    choose("metric", (metric,), table.metrics)
    choose("subset", (name,), (ALL, *table.subsets))
    metrics = {metric: table.metrics[metric]}
    pool = make_pool(table.scores, metrics)
    choose("entry", (entry,), [one.name for one in pool.grid.entries])
    subsets = {} if name == ALL else {name: table.subsets[name]}
    board = build_board(
        table.scores,
        metrics=metrics,
        interval=interval,
        rank_by=metric,
        subsets=subsets,
        dataset=table.dataset,
        not_applicable={},
        resamples=resamples,
    )
    if not next(found for found in board.subsets if found.name == name).rows:
        choose("subset with scored images", (name,), [s.name for s in board.subsets if s.rows])
    return _Place(
        table=table,
        pool=pool,
        joint=JointResamples(pool, subsets, resamples, interval=IntervalKind(interval)),
        board=board,
        entry=entry,
        metric=metric,
        subset=name,
    )


def _recomputed(place: _Place, cell: Cell) -> float | None:
    """Return the mean over the rows, added up by themselves."""
    if place.scored is None or cell.score is None:
        return None
    values = place.scored.rows(place.units)
    mean = math.fsum(values) / len(values)
    if not math.isclose(mean, cell.score, rel_tol=AGREES, abs_tol=AGREES):
        raise RunError(
            f"the rows of {place.entry} give {mean!r} on {place.metric}, the board {cell.score!r}",
            do="report this; one of the two is wrong",
        )
    return mean


def _ceiling(place: _Place) -> tuple[str, Cell] | None:
    name = place.pool.ceiling
    return None if name is None else (name, place.cell(name))


def _seeds(table: ScoredTable, entry: str) -> tuple[int, ...]:
    entries, seeds = (table.scores.column(name).to_pylist() for name in ("entry", "seed"))
    return tuple(sorted({seed for name, seed in zip(entries, seeds, strict=True) if name == entry}))


def _counts(scored: Scored) -> NDArray[np.intp]:
    """Return how many rows of every reading count, [units]."""
    return np.asarray(np.isfinite(scored.values).sum(axis=1))


def _substitutions(place: _Place, scored: Scored) -> Iterator[Substitution]:
    cases, readings = (place.table.scores.column(n).to_pylist() for n in ("case", "reading"))
    units = sorted(set(zip(cases, readings, strict=True)))  # the order of the grid's units
    seeds = _seeds(place.table, place.entry)
    chosen = place.units & scored.expected
    for unit, column in np.argwhere((scored.states != OK) & chosen[:, None]).tolist():
        value = float(scored.values[unit, column])
        yield Substitution(
            case=units[unit][0],
            reading=units[unit][1],
            seed=seeds[column],
            status=str(STATES[scored.states[unit, column]]),
            value=value if math.isfinite(value) else None,
        )


def _rivals(place: _Place) -> tuple[Rival, ...]:
    metric = place.pool.metric(place.metric)
    found = {
        one.name: score
        for one in place.pool.grid.entries
        if one.kind is EntryKind.ENTRY
        and (score := place.joint.score(place.metric, one.name, place.subset)) is not None
    }
    tested = pairwise(list(found.values()), higher_is_better=metric.higher_is_better)
    own = list(found).index(place.entry)
    rivals = [
        Rival(
            entry=name,
            lead=float(tested.differences[own, other]),
            p_holm=None if math.isnan(p := float(tested.adjusted[own, other])) else p,
            is_separated=bool(p <= ALPHA),
        )
        for other, name in enumerate(found)
        if other != own
    ]
    return tuple(sorted(rivals, key=lambda rival: (rival.lead, rival.entry)))


def _images(place: _Place, scored: Scored) -> tuple[ImageMean, ...]:
    cases, chosen = place.pool.grid.case_of_unit, place.units
    found = []
    for case in np.unique(cases[chosen]).tolist():
        rows = scored.rows(chosen & (cases == case))
        if len(rows):
            mean = math.fsum(rows) / len(rows)
            found.append(ImageMean(case=place.pool.grid.cases[case], mean=mean, rows=len(rows)))
    return tuple(sorted(found, key=lambda image: (image.mean, image.case)))


def _again(
    place: _Place, subset: str, interval: str, resamples: int, options: Sequence[str]
) -> str:
    words = ["gazebench", "rank", str(place.table.path), "--rank-by", place.metric, *options]
    words += [] if subset == ALL else ["--subset", subset]
    words += [] if interval == IntervalKind.BOOTSTRAP else ["--interval", interval]
    words += [] if resamples == RESAMPLES else ["--resamples", str(resamples)]
    return shlex.join(words)


def _notes(place: _Place, cell: Cell, record: RunRecord | None) -> Iterator[str]:
    if record is None:
        return
    if not record.is_finished:
        yield "the run is not finished: more rows may come"
    yield f"dataset {record.dataset()}"
    written = _written(place.table.path, place)
    if written is None or cell.score is None:
        return
    if not math.isclose(written, cell.score, rel_tol=AGREES, abs_tol=AGREES):
        yield (
            f"{BOARD} in the folder says {written}: it was made from other rows, or by another "
            "version"
        )


def _written(folder: Path, place: _Place) -> float | None:
    """Return the number on the board in the run's folder; None where it is not there."""
    try:
        document = json.loads((folder / BOARD).read_text("utf-8"))
        (subset,) = [one for one in document["subsets"] if one["name"] == place.subset]
        (row,) = [one for one in subset["rows"] if one["entry"] == place.entry]
        return float(row["cells"][place.metric]["score"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
