"""The leaderboard as a value: everything a renderer may show, nothing left to compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence interval, at the board's level."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One entry's score on one metric within one subset.

    Attributes:
        score: mean over all rows; None when the metric is not applicable.
        interval: of the score; None with fewer than two images.
        fraction: (score - chance) / (ceiling - chance), never clipped; None when undefined.
        fraction_interval: from the same resamples as the score's.
        rank: 1 is best among entries of kind `ENTRY`; None for ceiling and floors.
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
class MetricColumn:
    """What a renderer has to know about a metric."""

    name: str
    title: str
    higher_is_better: bool
    chance: float
    version: int


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
        centre_bias: which recipe was used, or "" where none was needed.
        notices: what a reader must know (phantom data, foreign weights, excluded cases, ...).
        not_applicable: entry -> why it has no row.
    """

    dataset: str
    metrics: tuple[MetricColumn, ...]
    rank_by: str
    interval: str
    centre_bias: str
    subsets: tuple[SubsetBoard, ...]
    notices: tuple[str, ...] = ()
    not_applicable: Mapping[str, str]
