"""The rows of several records on one board: scored ones jointly, stated ones beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from gazebench.leaderboard.aggregate import PAIRS, differences_in_words, ranking_metric
from gazebench.leaderboard.assemble import Part, assemble
from gazebench.leaderboard.pool import ALL
from gazebench.publish.comparability import NO_VERSION, unstated
from gazebench.publish.joined_source import JoinedSource, recipe_of
from gazebench.publish.record import Record
from gazebench.publish.record_board import board_of
from gazebench.publish.row_names import RowName, row_names
from gazebench.publish.significance import significance_matrix
from gazebench.publish.standings import SignificanceMatrix
from gazebench.publish.submission import Submission
from gazebench.publish.suppress import hide_small_cells
from gazebench.spec.board import Board, JoinedRow, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind

UNPAIRED = "unpaired where a record carries no case scores, from its stated intervals"


class Joined(NamedTuple):
    """A board, and how its entries differ from each other over all images."""

    board: Board
    matrices: tuple[SignificanceMatrix, ...]


def joined_board(
    submissions: Sequence[Submission], *, order: Sequence[str], rank_by: str, dataset: str
) -> Joined:
    """Join records that may be compared; `order` is that of the metrics.

    Where records disagree on something that is only shown (a note), the first one's is.

    Raises:
        RecordError: a record's case scores have a row that the record does not state.
        UsageError: `rank_by` is not one of the metrics.
    """
    if not submissions:
        return Joined(_empty_board(dataset, rank_by), ())
    records = [one.record for one in submissions]
    names = row_names(records)
    recipe = recipe_of([one.record for one in submissions if one.case_table is not None])
    source = JoinedSource(submissions, names, _metrics(records, order), recipe)
    ranking = ranking_metric({m.name: m for m in source.metrics}, rank_by or None)
    matrices: list[SignificanceMatrix] = []

    def watch(metric: MetricColumn, subset: str, part: Part) -> None:
        if subset == ALL:
            matrices.append(significance_matrix(metric, part.scores))

    subsets = _alone(submissions, source, ranking)
    if subsets is None:
        subsets = assemble(source, ranking, watch=watch)
    else:
        for metric in source.metrics:
            watch(metric, ALL, source.part(metric, ALL))
    board = replace(
        records[0].board,
        metrics=source.metrics,
        rank_by=ranking.name,
        interval=_intervals_in_words(source, records),
        differences=_differences_in_words(source),
        margin=recipe.margin,
        centre_bias=next(filter(None, (r.board.centre_bias for r in records)), ""),
        subsets=tuple(_with_sources(subset, submissions, names) for subset in subsets),
        notices=tuple(dict.fromkeys(_notices(records))),
        not_applicable=_not_applicable(records, names),
    )
    if source.joined is not None:
        is_restricted = any(record.is_restricted for record in records)
        scores, members = source.joined.scores, source.joined.subsets
        board = hide_small_cells(board, scores, members, is_restricted=is_restricted)
    return Joined(board, tuple(matrices))


def _alone(
    submissions: Sequence[Submission], source: JoinedSource, ranking: MetricColumn
) -> tuple[SubsetBoard, ...] | None:
    """Return the rows of a record with case scores that has the board to itself: its own."""
    only = submissions[0]
    if len(submissions) > 1 or only.case_scores is None or only.record.run is None:
        return None
    outline = replace(only.record.board, metrics=source.metrics, rank_by=ranking.name)
    is_restricted = only.record.is_restricted
    return board_of(only.case_scores, outline, only.record.run, is_restricted=is_restricted).subsets


def _metrics(records: Sequence[Record], order: Sequence[str]) -> tuple[MetricColumn, ...]:
    """Return the metrics of all records, those with a stated version before those without."""
    found: dict[str, MetricColumn] = {}
    for metric in (metric for record in records for metric in record.board.metrics):
        if metric.name not in found or found[metric.name].version == NO_VERSION:
            found[metric.name] = metric
    names = [*(name for name in order if name in found), *(n for n in found if n not in order)]
    return tuple(found[name] for name in names)


def _with_sources(
    subset: SubsetBoard, submissions: Sequence[Submission], names: Mapping[RowName, str]
) -> SubsetBoard:
    """Write beside each entry which record it is from, and how far its numbers can be trusted."""
    sources = {name: row.record for row, name in names.items()}
    badges = {one.name: str(one.badge) for one in submissions}
    rows = [
        JoinedRow(
            entry=row.entry,
            kind=row.kind,
            rank=row.rank,
            cells=row.cells,
            record=sources[row.entry],
            badge=badges[sources[row.entry]],
        )
        if row.kind is EntryKind.ENTRY
        else row
        for row in subset.rows
    ]
    return replace(subset, rows=tuple(rows))


def _intervals_in_words(source: JoinedSource, records: Sequence[Record]) -> str:
    if source.joint is None:
        stated = {record.board.interval for record in records}
        return stated.pop() if len(stated) == 1 else "as each record states them"
    kind, resamples = source.recipe.interval, source.recipe.resamples
    scored = kind.in_words(resamples, over=source.joint.pool.over)
    return f"{scored}; without case scores: as the record states them" if source.stated else scored


def _differences_in_words(source: JoinedSource) -> str:
    if source.joint is None:
        return f"unpaired, from the stated intervals, {PAIRS}"
    paired = differences_in_words(source.joint.pool.over)
    return f"{paired}; {UNPAIRED}" if source.stated else paired


def _notices(records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        yield from record.board.notices
    for record in records:
        if facts := unstated(record):
            yield f"{record.name} does not state {_listed(facts)}: not compared with the board's"


def _listed(facts: Sequence[str]) -> str:
    return ", ".join(facts[:-1]) + (" or " if len(facts) > 1 else "") + facts[-1]


def _not_applicable(records: Sequence[Record], names: Mapping[RowName, str]) -> dict[str, str]:
    """Return what could not be scored by anybody."""
    scored = set(names.values())
    found: dict[str, str] = {}
    for record in records:
        for entry, why in record.board.not_applicable.items():
            if entry not in scored:
                found.setdefault(entry, why)
    return found


def _empty_board(dataset: str, rank_by: str) -> Board:
    return Board(
        dataset=dataset,
        metrics=(),
        rank_by=rank_by,
        interval="",
        centre_bias="",
        subsets=(SubsetBoard(name=ALL, n_images=0, rows=(), note="no record is on this board"),),
        not_applicable={},
    )
