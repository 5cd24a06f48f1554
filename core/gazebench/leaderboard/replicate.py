"""Published figures from published scores: what is reproduced, and what our statistics add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from pathlib import Path

import numpy as np

from gazebench.errors import DataError, PluginError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.contrast_values import Contrast, Quantity, Test
from gazebench.leaderboard.contrasts import Wanted, analyse_subsets
from gazebench.leaderboard.pool import ALL, RESAMPLES, JointResamples, make_pool
from gazebench.leaderboard.scored_table import ScoredTable, TableRoles, read_scores
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.board import Board, BoardRow, Cell, Interval, MetricColumn
from gazebench.spec.descriptors import Replication
from gazebench.spec.published import PrintedFigure, PublishedTable
from gazebench.stats.comparison import compare
from gazebench.stats.holm import holm
from gazebench.stats.intervals import IntervalKind

ALPHA = 0.05


class Match(StrEnum):
    """How a printed number compares with the one computed again."""

    EXACT = "exact"
    ROUNDING = "within rounding"  # off by one in the last printed decimal
    DIFFERENT = "not reproduced"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedNumber:
    """One printed number beside the one computed again from the scores.

    Attributes:
        quantity: "score", "low" or "high".
        elsewhere: another of the table's files that gives the printed number exactly, or "".
    """

    table: str
    figure: PrintedFigure
    quantity: str
    printed: str
    found: float | None
    match: Match
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDifference:
    """Two scores of a printed table on one metric: two entries, or one entry in two subsets.

    Attributes:
        a: the better one.
        apart: whether their intervals, by the published formula, leave no overlap: what a reader
            of the printed table takes for a difference.
        p_holm: corrected over all pairs of the table and metric; entries by the paired cluster
            bootstrap, disjoint subsets by the unpaired one.
    """

    table: str
    metric: str
    a: str
    b: str
    difference: float
    interval: Interval | None
    p_holm: float
    apart: bool
    subset_a: str = ALL
    subset_b: str = ALL

    @property
    def survives(self) -> bool:
        """Whether our test finds a difference."""
        return self.p_holm <= ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """Everything that came out of a replication.

    Attributes:
        printed: title -> the table made again, by the paper's formula.
        ours: title -> the same scores with our intervals, tie groups and fractions.
    """

    name: str
    title: str
    reference: str
    tables: tuple[PublishedTable, ...]
    numbers: tuple[MatchedNumber, ...]
    differences: tuple[PrintedDifference, ...]
    printed: Mapping[str, Board]
    ours: Mapping[str, Board]

    def count(self, match: Match) -> int:
        """Return how many printed numbers match so."""
        return sum(number.match is match for number in self.numbers)


def judge(printed: str, found: float | None) -> Match:
    """Compare a number with a printed text, to the decimals of the text.

    >>> [str(judge("0.790", x)) for x in (0.7904, 0.7906, 0.793, None)]
    ['exact', 'within rounding', 'not reproduced', 'not reproduced']
    """
    if found is None:
        return Match.DIFFERENT
    decimals = len(printed.partition(".")[2])
    rounded = f"{found:.{decimals}f}"
    if float(rounded) == float(printed):
        return Match.EXACT
    units = round(abs(float(rounded) - float(printed)) * 10**decimals)
    return Match.ROUNDING if units <= 1 else Match.DIFFERENT


def replicate(
    plugin: Plugin, folder: Path, host: Host, *, resamples: int = RESAMPLES
) -> Replicated:
    """Make the printed tables again from the scores in `folder`, and test their differences.

    Raises:
        DataError: a file is missing or malformed; names it, and where it can be had.
        PluginError: the plugin does not return published tables.
    """
    descriptor, tables = plugin.descriptor, plugin.call()
    assert isinstance(descriptor, Replication)
    if not all(isinstance(table, PublishedTable) for table in tables):
        raise PluginError(
            f"the replication {plugin.label} does not return published tables",
            do=f"mend {plugin.origin}; `gazebench.spec.PublishedTable` says what one holds",
        )
    numbers: list[MatchedNumber] = []
    differences: list[PrintedDifference] = []
    printed, ours = {}, {}
    for table in tables:
        files = {name: _read(folder, name, host, descriptor) for name in (table.file, *table.also)}
        boards = {name: _board(file, IntervalKind.PAPER, resamples) for name, file in files.items()}
        numbers += [n for figure in table.figures for n in _matched(table, figure, boards)]
        differences += _differences(table, files[table.file], boards[table.file], resamples)
        printed[table.title] = boards[table.file]
        ours[table.title] = _board(files[table.file], IntervalKind.BOOTSTRAP, resamples)
    return Replicated(
        name=plugin.name,
        title=descriptor.title,
        reference=descriptor.reference,
        tables=tuple(tables),
        numbers=tuple(numbers),
        differences=tuple(differences),
        printed=printed,
        ours=ours,
    )


def _read(folder: Path, name: str, host: Host, descriptor: Replication) -> ScoredTable:
    path = folder / name
    if not path.is_file():
        raise DataError(
            f"there is no file {path}",
            do=f"name the folder that holds {descriptor.source}",
        )
    return read_scores(path, host, TableRoles())


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
    rows = [
        row
        for subset in board.subsets
        if subset.name == figure.subset
        for row in subset.rows
        if row.entry == figure.entry
    ]
    return rows[0].cells.get(figure.metric) if rows else None


def _number(cell: Cell | None, quantity: str) -> float | None:
    if cell is None or quantity == "score":
        return None if cell is None else cell.score
    if cell.interval is None:
        return None
    return cell.interval.low if quantity == "low" else cell.interval.high


def _differences(
    table: PublishedTable, scores: ScoredTable, printed: Board, resamples: int
) -> Iterator[PrintedDifference]:
    """Test what stands beside each other in a table: entries, and one entry's subsets."""
    if any(figure.subset == ALL for figure in table.figures):
        yield from _between_entries(table, scores, printed, resamples)
    yield from _between_subsets(table, scores, printed, resamples)


def _between_entries(
    table: PublishedTable, scores: ScoredTable, printed: Board, resamples: int
) -> Iterator[PrintedDifference]:
    pool = make_pool(scores.scores, scores.metrics)
    joint = JointResamples(pool, {}, resamples)
    rows = next(subset.rows for subset in printed.subsets if subset.name == ALL)
    for metric in sorted(scores.metrics):
        tested = [_pair(table, metric, a, b, joint) for a, b in _ordered(rows, metric, joint)]
        adjusted = holm(np.array([pair.p_holm for pair in tested]))
        for pair, p_holm in zip(tested, adjusted, strict=True):
            yield replace(pair, p_holm=float(p_holm))


def _between_subsets(
    table: PublishedTable, scores: ScoredTable, printed: Board, resamples: int
) -> Iterator[PrintedDifference]:
    """Compare every two subsets for which the table prints the same entry and metric."""
    names = {f.subset: scores.subsets[f.subset] for f in table.figures if f.subset != ALL}
    if len(names) < 2:
        return
    shown = {(f.entry, f.metric, f.subset) for f in table.figures}
    found = analyse_subsets(
        scores.scores,
        metrics=scores.metrics,
        subsets=names,
        dataset=scores.dataset,
        wanted=Wanted(metrics=tuple(dict.fromkeys(f.metric for f in table.figures))),
        resamples=resamples,
    )
    for one in found.contrasts:
        places = [(side.entry, one.metric, side.subset) for side in (one.first, one.second)]
        if one.quantity is Quantity.SCORE and one.test is not Test.PAIRED and shown >= {*places}:
            yield from _subset_difference(table, one, printed, higher=found.metric(one.metric))


def _subset_difference(
    table: PublishedTable, one: Contrast, printed: Board, *, higher: MetricColumn
) -> Iterator[PrintedDifference]:
    if one.difference is None or one.p_holm is None:
        return
    is_turned = (one.difference < 0) == higher.higher_is_better
    a, b = (one.second, one.first) if is_turned else (one.first, one.second)
    bounds = [
        None if cell is None else cell.interval
        for cell in (
            _cell(printed, PrintedFigure(side.entry, one.metric, "", subset=side.subset))
            for side in (a, b)
        )
    ]
    low, high = (one.interval.low, one.interval.high) if one.interval else (np.nan, np.nan)
    turned = Interval(low=-high, high=-low) if is_turned else one.interval
    yield PrintedDifference(
        table=table.title,
        metric=one.metric,
        a=a.entry,
        b=b.entry,
        subset_a=a.subset,
        subset_b=b.subset,
        difference=abs(one.difference),
        interval=turned if one.interval else None,
        p_holm=one.p_holm,
        apart=_are_apart(*bounds),
    )


def _ordered(
    rows: Sequence[BoardRow], metric: str, joint: JointResamples
) -> Iterator[tuple[BoardRow, BoardRow]]:
    """Yield all pairs of rows that have a score, the better one first."""
    sign = -1 if joint.pool.metric(metric).higher_is_better else 1
    scored = [row for row in rows if row.cells[metric].score is not None]
    best_first = sorted(scored, key=lambda row: sign * (row.cells[metric].score or 0.0))
    yield from combinations(best_first, 2)


def _pair(
    table: PublishedTable, metric: str, a: BoardRow, b: BoardRow, joint: JointResamples
) -> PrintedDifference:
    first, second = (joint.score(metric, row.entry) for row in (a, b))
    assert first is not None, "a row with a score has one here too"
    assert second is not None, "a row with a score has one here too"
    test = compare(first, second)
    bounds = [row.cells[metric].interval for row in (a, b)]
    return PrintedDifference(
        table=table.title,
        metric=metric,
        a=a.entry,
        b=b.entry,
        difference=test.difference,
        interval=test.interval,
        p_holm=test.p_value,
        apart=_are_apart(*bounds),
    )


def _are_apart(a: Interval | None, b: Interval | None) -> bool:
    return a is not None and b is not None and (a.low > b.high or b.low > a.high)
