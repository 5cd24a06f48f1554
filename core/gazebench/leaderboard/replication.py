"""What comes out of a replication, as values: nothing left to compute, only to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from gazebench.leaderboard.pool import ALL
from gazebench.spec.board import Board, Cell, Interval
from gazebench.spec.published import PrintedFigure, PublishedTable
from gazebench.spec.values import EntryKind

ALPHA = 0.05


class Match(StrEnum):
    """How a printed number compares with the one computed again."""

    EXACT = "exact"
    ROUNDING = "within rounding"  # off by one in the last printed decimal
    DIFFERENT = "not reproduced"


class Outcome(StrEnum):
    """What becomes of a difference that a reader of the table sees, or does not see."""

    SURVIVES = "survives"  # published intervals apart, and our test finds a difference
    LOST = "lost"  # apart, but our test finds none
    FOUND = "newly found"  # they overlap, but our test finds a difference
    UNDECIDED = "undecided"  # they overlap, and our test finds none


class SeedCount(NamedTuple):
    """In how many of the trained networks, seed by seed, the better one is better."""

    better: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedNumber:
    """One printed number beside the one computed again from the scores.

    Attributes:
        quantity: "score", "low" or "high".
        found: None where the table has no such score.
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
        difference: a - b; negative where lower is better.
        interval: of the difference, 95 %, percentiles of the joint resamples.
        p_holm: corrected over everything that the table compares on the metric; entries by the
            paired cluster bootstrap, disjoint subsets by the unpaired one.
        apart: whether their intervals, by the published formula, leave no overlap: what a reader
            of the printed table takes for a difference.
        seeds: None where there are not two seeds to count.
    """

    table: str
    metric: str
    a: str
    b: str
    difference: float
    interval: Interval | None
    p_holm: float
    apart: bool
    seeds: SeedCount | None = None
    subset_a: str = ALL
    subset_b: str = ALL

    @property
    def survives(self) -> bool:
        """Whether our test finds a difference."""
        return self.p_holm <= ALPHA

    @property
    def outcome(self) -> Outcome:
        """What becomes of it."""
        if self.survives:
            return Outcome.SURVIVES if self.apart else Outcome.FOUND
        return Outcome.LOST if self.apart else Outcome.UNDECIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One score of a printed table with the interval of its paper, and with our statistics.

    Attributes:
        published: the interval by the published formula.
        cell: the same score with ours.
    """

    table: str
    subset: str
    n_images: int
    metric: str
    entry: str
    kind: EntryKind
    published: Interval | None
    cell: Cell

    @property
    def widening(self) -> float | None:
        """How many times as wide as ours the published interval is; None without both."""
        ours = self.cell.interval
        if self.published is None or ours is None or ours.high <= ours.low:
            return None
        return (self.published.high - self.published.low) / (ours.high - ours.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """Everything that came out of a replication.

    Attributes:
        printed: title -> the table made again, by the paper's formula.
        ours: title -> the same scores with our intervals, tie groups and fractions.
        standings: the subsets and metrics that are printed; on each, best first.
    """

    name: str
    title: str
    reference: str
    tables: tuple[PublishedTable, ...]
    numbers: tuple[MatchedNumber, ...]
    differences: tuple[PrintedDifference, ...]
    printed: Mapping[str, Board]
    ours: Mapping[str, Board]
    standings: tuple[Standing, ...]

    def count(self, match: Match) -> int:
        """Return how many printed numbers match so."""
        return sum(number.match is match for number in self.numbers)
