"""Every table of the pages as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gazebench.leaderboard.csv_text import Value, csv_text
from gazebench.leaderboard.plane_figure import Plane
from gazebench.publish.record import EntryFacts
from gazebench.publish.site import links
from gazebench.publish.site.heat_pages import HeatRow
from gazebench.publish.site.pairs_pages import READABLE, PairsRow
from gazebench.publish.standings import SignificanceMatrix, Standings
from gazebench.spec.board import Board, Cell, Interval, MetricColumn, SubsetBoard

DIGITS = 5  # significant: more than the pages show, and far less than chance leaves open

SCORES = (
    "",  # the score itself goes by the metric's name alone
    "low",
    "high",
    "fraction",
    "ranks_best",
    "ranks_worst",
    "tie_group",
    "probability_best",
    "like_a_reader",
    "coverage",
    "n_images",
)
ENTRIES = (
    "entry",
    "kind",
    "record",
    "badge",
    "model",
    "method",
    "mixing",
    "family",
    "seeds",
    "cost_images",
    "seconds_per_image",
    "forward_passes",
    "backward_passes",
    "peak_memory_mb",
    "gain_over_centre_bias",
    "gain_from_blur_and_bias",
    "gain_beyond_bias",
    "closest_reader_excess",
)
PAIRS = ("number", "entry", "better_than", "not_told_apart_from", "worse_than")
RECORDS = ("record", "title", "is_on_board", "origin", "badges", "why_not", "command")


def scores_csv(board: Board, subset: SubsetBoard) -> str:
    """Return a row a line: all that the page of a subset shows, and more digits."""
    metrics = [metric.name for metric in board.metrics]
    columns = [f"{metric}_{part}" if part else metric for metric in metrics for part in SCORES]
    lines = (
        (row.entry, *(value for metric in metrics for value in _of_cell(row.cells[metric])))
        for row in subset.rows
    )
    return csv_text(("entry", *columns), lines)


def entries_csv(standings: Standings) -> str:
    """Return one line for each row: where it came from, its cost and its checks."""
    kinds = {row.entry: str(row.kind) for s in standings.board.subsets for row in s.rows}
    return csv_text(
        ENTRIES,
        (
            (name, kinds.get(name), row.record, str(row.badge), *_facts(row.facts))
            for name, row in standings.rows.items()
        ),
    )


def heat_csv(standings: Standings, rows: Iterable[HeatRow], *, by_fraction: bool) -> str:
    """Return an entry a line, its fraction of the ceiling, or score, in every subset."""
    subsets = [subset.name for subset in standings.board.subsets]
    return csv_text(
        ("entry", *subsets),
        (
            (row.name, *(_shade_of(cell, by_fraction=by_fraction) for cell in row.cells))
            for row in rows
        ),
    )


def pairs_csv(matrix: SignificanceMatrix, rows: Sequence[PairsRow]) -> str:
    """Return the entries by their numbers, best first, and how each stands against the others.

    Of boards that are shown as a matrix of numbers these follow: the differences, positive where
    the row is better than the column, right of the diagonal, the corrected p-values left of it.
    """
    names = matrix.entries if len(rows) <= READABLE else ()
    return csv_text(
        (*PAIRS, *names),
        (
            (
                *(row.number, row.name, row.better_than, row.open_with, row.worse_than),
                *(rounded(p) for p in row.adjusted[: row.number - 1] if names),
                *(rounded(d) if d else None for d in row.differences[row.number - 1 :] if names),
            )
            for row in rows
        ),
    )


def plane_csv(plane: Plane) -> str:
    """Return an entry a line, with its score on the metrics of readers and network."""
    metrics = (plane.agreement, *plane.faithfulness)
    columns = [f"{m.name}{part}" for m in metrics for part in ("", "_low", "_high")]
    return csv_text(
        ("entry", *columns),
        ((row.entry, *_three(row.cells, metrics)) for row in plane.rows),
    )


def records_csv(standings: Standings) -> str:
    """Return the records on the board and those that stand apart."""
    badges: dict[str, set[str]] = {}
    for row in standings.rows.values():
        badges.setdefault(row.record, set()).add(str(row.badge))
    on_board = (
        (one.name, one.title, True, str(one.origin), " ".join(sorted(badges.get(one.name, ()))))
        for one in standings.records.values()
    )
    return csv_text(
        RECORDS,
        [
            *((*line, None, None) for line in on_board),
            *(
                (one.record, one.title, False, None, None, "; ".join(one.why), one.command)
                for one in standings.apart
            ),
        ],
    )


def files_of_tables(standings: Standings) -> Iterator[tuple[str, str]]:
    """Yield the tables that every board has: file -> content."""
    for subset in standings.board.subsets:
        yield links.scores_file(subset.name), scores_csv(standings.board, subset)
    yield links.ENTRIES_FILE, entries_csv(standings)
    yield links.RECORDS_FILE, records_csv(standings)


def rounded(value: float | None, digits: int = DIGITS) -> float | int | None:
    """Return a number to few digits; whole ones without a point.

    >>> rounded(0.123456789), rounded(1.0), rounded(None)
    (0.12346, 1, None)
    """
    if value is None:
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def _shade_of(cell: Cell | None, *, by_fraction: bool) -> float | int | None:
    if cell is None:
        return None
    return rounded(cell.fraction if by_fraction else cell.score)


def _of_cell(cell: Cell) -> Iterator[Value]:
    yield rounded(cell.score)
    yield from _ends(cell.interval)
    yield rounded(cell.fraction)
    yield from (None, None) if cell.ranks is None else cell.ranks
    yield cell.tie_group
    yield rounded(cell.probability_best)
    yield None if cell.like_a_reader is None else str(cell.like_a_reader)
    yield rounded(cell.coverage)
    yield cell.n_images


def _facts(facts: EntryFacts) -> Iterator[Value]:
    yield from (facts.model, facts.method, facts.mixing, facts.family)
    yield " ".join(map(str, facts.seeds))
    cost, checks = facts.cost, facts.checks
    yield None if cost is None else cost.images
    for name in ("seconds", "forward_passes", "backward_passes", "peak_memory_mb"):
        yield None if cost is None else rounded(getattr(cost, name))
    for name in ENTRIES[-4:]:
        yield None if checks is None else rounded(getattr(checks, name))


def _three(cells: Mapping[str, Cell], metrics: Iterable[MetricColumn]) -> Iterator[Value]:
    for metric in metrics:
        cell = cells[metric.name]
        yield from (rounded(cell.score), *_ends(cell.interval))


def _ends(found: Interval | None) -> tuple[float | int | None, float | int | None]:
    return (None, None) if found is None else (rounded(found.low), rounded(found.high))
