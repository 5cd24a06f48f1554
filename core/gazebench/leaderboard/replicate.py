"""Published figures from published scores: what is reproduced, and what our statistics add."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gazebench.engine.barrier import Failure, guarded
from gazebench.errors import DataError, PluginError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.pool import RESAMPLES
from gazebench.leaderboard.replicate_differences import table_differences
from gazebench.leaderboard.replication import (
    Match,
    MatchedNumber,
    PrintedDifference,
    Replicated,
    Standing,
)
from gazebench.leaderboard.scored_table import ScoredTable, TableRoles, read_scores
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.board import Board, BoardRow, Cell, MetricColumn
from gazebench.spec.descriptors import Replication
from gazebench.spec.published import PrintedFigure, PublishedTable
from gazebench.stats.intervals import IntervalKind

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def judge(printed: str, found: float | None) -> Match:
    """Compare a number with a printed text, to the decimals of the text.

    >>> [str(judge("0.790", x)) for x in (0.7904, 0.7906, 0.793, None)]
    ['exact', 'within rounding', 'not reproduced', 'not reproduced']
    """
    if found is None:
        return Match.DIFFERENT
    decimals = len(printed.partition(".")[2])
    rounded = float(f"{found:.{decimals}f}")
    units = round(abs(rounded - float(printed)) * 10**decimals)
    if units == 0:
        return Match.EXACT
    return Match.ROUNDING if units == 1 else Match.DIFFERENT


def replicate(
    plugin: Plugin, folder: Path, host: Host, *, resamples: int = RESAMPLES
) -> Replicated:
    """Make the printed tables again from the scores in `folder`, and test their differences.

    Raises:
        DataError: a file is missing or malformed; names it, and where it can be had.
        PluginError: the plugin fails, or does not return published tables.
    """
    descriptor, tables = plugin.descriptor, _tables(plugin)
    assert isinstance(descriptor, Replication)
    numbers: list[MatchedNumber] = []
    differences: list[PrintedDifference] = []
    standings: list[Standing] = []
    printed, ours = {}, {}
    for table in tables:
        files = {name: _read(folder, name, host, descriptor) for name in (table.file, *table.also)}
        boards = {name: _board(file, IntervalKind.PAPER, resamples) for name, file in files.items()}
        printed[table.title] = boards[table.file]
        ours[table.title] = _board(files[table.file], IntervalKind.BOOTSTRAP, resamples)
        numbers += [n for figure in table.figures for n in _matched(table, figure, boards)]
        differences += table_differences(table, files[table.file], boards[table.file], resamples)
        standings += _standings(table, printed[table.title], ours[table.title])
    return Replicated(
        name=plugin.name,
        title=descriptor.title,
        reference=descriptor.reference,
        tables=tables,
        numbers=tuple(numbers),
        differences=tuple(differences),
        printed=printed,
        ours=ours,
        standings=tuple(standings),
    )


def _tables(plugin: Plugin) -> tuple[PublishedTable, ...]:
    returned = guarded(plugin, "", plugin.call)
    if isinstance(returned, Failure):
        raise PluginError(returned.reason, do=f"correct {plugin.origin}")
    if not returned or not _are_tables(returned):
        raise PluginError(
            f"the replication {plugin.label} does not return published tables",
            do=f"correct {plugin.origin}; `gazebench.spec.PublishedTable` says what one holds",
        )
    for table in returned:
        for figure in table.figures:
            _check(plugin, table, figure)
    return tuple(returned)


def _are_tables(returned: Any) -> bool:
    return isinstance(returned, tuple) and all(
        isinstance(table, PublishedTable)
        and all(isinstance(f, PrintedFigure) for f in table.figures)
        for table in returned
    )


def _check(plugin: Plugin, table: PublishedTable, figure: PrintedFigure) -> None:
    for text in (figure.score, *filter(None, (figure.low, figure.high))):
        if not isinstance(text, str) or not NUMBER.fullmatch(text):
            raise PluginError(
                f"the replication {plugin.label}, {table.title}, {figure.entry}, {figure.metric}: "
                f"expected a number as text, with the decimals that are printed, found {text!r}",
                do=f"correct {plugin.origin}",
            )


def _read(folder: Path, name: str, host: Host, descriptor: Replication) -> ScoredTable:
    path = folder / name
    if not path.is_file():
        raise DataError(
            f"there is no file {path}",
            do=f"name the folder that holds {descriptor.source}",
        )
    try:
        return read_scores(path, host, TableRoles())
    except DataError as error:
        again = f"or take it again from {descriptor.source}"
        raise DataError(error.message, do=", ".join(filter(None, (error.do, again)))) from error


def _board(table: ScoredTable, interval: str, resamples: int) -> Board:
    return build_board(
        table.scores,
        metrics=table.metrics,
        interval=interval,
        subsets=table.subsets,
        dataset=table.dataset,
        notices=table.notices,
        not_applicable={},
        resamples=resamples,
    )


def _matched(
    table: PublishedTable, figure: PrintedFigure, boards: Mapping[str, Board]
) -> Iterator[MatchedNumber]:
    texts = {"score": figure.score, "low": figure.low, "high": figure.high}
    for quantity, text in texts.items():
        if not text:
            continue
        found = {name: _number(_cell(board, figure), quantity) for name, board in boards.items()}
        match = judge(text, found[table.file])
        others = [n for n in table.also if judge(text, found[n]) is Match.EXACT]
        yield MatchedNumber(
            table=table.title,
            figure=figure,
            quantity=quantity,
            printed=text,
            found=found[table.file],
            match=match,
            elsewhere=others[0] if others and match is not Match.EXACT else "",
        )


def _cell(board: Board, figure: PrintedFigure) -> Cell | None:
    for subset in board.subsets:
        for row in subset.rows:
            if (subset.name, row.entry) == (figure.subset, figure.entry):
                return row.cells.get(figure.metric)
    return None


def _number(cell: Cell | None, quantity: str) -> float | None:
    if cell is None or quantity == "score":
        return None if cell is None else cell.score
    if cell.interval is None:
        return None
    return cell.interval.low if quantity == "low" else cell.interval.high


def _standings(table: PublishedTable, printed: Board, ours: Board) -> Iterator[Standing]:
    """Yield the rows of every subset and metric of which something is printed."""
    metrics = {metric.name: metric for metric in ours.metrics}
    theirs = {subset.name: subset for subset in printed.subsets}
    for subset in ours.subsets:
        asked = dict.fromkeys(f.metric for f in table.figures if f.subset == subset.name)
        published = {row.entry: row for row in theirs[subset.name].rows}
        for name in filter(metrics.get, asked):
            for row in _best_first(subset.rows, metrics[name]):
                yield Standing(
                    table=table.title,
                    subset=subset.name,
                    n_images=subset.n_images,
                    metric=name,
                    entry=row.entry,
                    kind=row.kind,
                    published=published[row.entry].cells[name].interval,
                    cell=row.cells[name],
                )


def _best_first(rows: tuple[BoardRow, ...], metric: MetricColumn) -> list[BoardRow]:
    sign = -1.0 if metric.higher_is_better else 1.0
    scores = {row.entry: row.cells[metric.name].score for row in rows}
    scored = [row for row in rows if scores[row.entry] is not None]
    return sorted(scored, key=lambda row: (sign * (scores[row.entry] or 0.0), row.entry))
