"""The leaderboard as a value: everything a renderer may show, nothing left to compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence interval, at the board's level."""

    low: float
    high: float


class RankInterval(NamedTuple):
    """The best and the worst rank that the data do not rule out; 1 is best."""

    best: int
    worst: int


class Verdict(StrEnum):
    """Whether an entry is equivalent to one more reader, within the board's margin."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One entry's score on one metric within one subset.

    Attributes:
        score: mean over all rows; None when the metric is not applicable.
        interval: of the score; None with fewer than two images.
        fraction: (score - chance) / (ceiling - chance), never clipped; None when undefined.
        fraction_interval: from the same resamples as the score's.
        rank: place in the order of scores among entries of kind `ENTRY`, 1 is best, equal scores
            share the better one; None for ceiling and floors, and where a publication states no
            interval. The order alone proves nothing:
        ranks: the places that the data do not rule out; None as for `rank`.
        tie_group: 1 is best. Entries whose difference is not significant share a group: a group
            ends where all above are significantly better than all below; None as for `rank`.
        probability_best: share of the resamples in which the entry is the best, in [0, 1].
        like_a_reader: whether the fraction of ceiling is within the board's margin of 1; None
            where there is no fraction, and for the ceiling itself.
        coverage: rows with a value of their own / rows expected, in [0, 1].
        n_images: images behind the score.
        n_rows: rows behind the score.
        note: why the score is None, or what was substituted.
        fraction_note: why the fraction is None; "" where it is not.
    """

    score: float | None
    interval: Interval | None = None
    fraction: float | None = None
    fraction_interval: Interval | None = None
    rank: int | None = None
    ranks: RankInterval | None = None
    tie_group: int | None = None
    probability_best: float | None = None
    like_a_reader: Verdict | None = None
    coverage: float
    n_images: int
    n_rows: int
    note: str = ""
    fraction_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One line of a leaderboard: an entry, a floor or the ceiling, with a cell per metric."""

    entry: str
    kind: EntryKind
    rank: int | None
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedRow(BoardRow):
    """An entry's line on a board that was joined from records.

    Attributes:
        record: the name of the one it is from.
        badge: how far its numbers can be trusted: "claimed", "recomputed" or "rerun".
    """

    record: str
    badge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricColumn:
    """What a renderer has to know about a metric.

    `chance` is None where the level is measured: the score of the floor `uniform`. `of_network`
    says that the metric asks the network about a map, not the readers.
    """

    name: str
    title: str
    higher_is_better: bool
    chance: float | None
    version: int
    of_network: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetBoard:
    """The rows of one subset, best first by the board's ranking metric.

    Ceiling and floors stand where their scores put them, so that an entry below a floor is seen
    there; `note` says what holds for the whole subset.
    """

    name: str
    n_images: int
    rows: tuple[BoardRow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A leaderboard: the whole dataset first ("all"), then its subsets.

    Attributes:
        dataset: the dataset's name.
        rank_by: the metric that orders the rows.
        interval: how intervals were made, in words ("bootstrap over images, 10,000 resamples,
            percentile, 95 %").
        differences: how differences were tested, in words ("paired bootstrap over images, Holm over
            all pairs, 5 %").
        margin: of the equivalence with a reader, as a fraction of the ceiling.
        reference: the recipe of what maps were compared with, or "" where that is not known.
        centre_bias: which recipe was used, or "" where none was needed.
        notices: what a reader must know (phantom data, foreign weights, excluded cases, ...).
        not_applicable: entry -> why it has no row.
    """

    dataset: str
    metrics: tuple[MetricColumn, ...]
    rank_by: str
    interval: str
    differences: str = ""
    margin: float = 0.1
    reference: str = ""
    centre_bias: str
    subsets: tuple[SubsetBoard, ...]
    notices: tuple[str, ...] = ()
    not_applicable: Mapping[str, str]
