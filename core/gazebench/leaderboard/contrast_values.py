"""The subset analysis as a value: everything a table or a figure may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gazebench.spec.board import Interval, MetricColumn
from gazebench.spec.values import EntryKind

ALPHA = 0.05


class Quantity(StrEnum):
    """What is compared."""

    SCORE = "score"
    FRACTION = "fraction"  # (score - chance) / (ceiling - chance)
    GAP = "gap"  # how far the score falls short of the ceiling; negative beyond it


class Test(StrEnum):
    """How two numbers are compared, which depends on the images they share."""

    __test__ = False  # not one of pytest's

    UNPAIRED = "unpaired"  # disjoint subsets: no image (or patient) is in both
    OVERLAPPING = "overlapping"  # some are in both
    PAIRED = "paired"  # the same images: two entries, or an entry and the ceiling


class Family(StrEnum):
    """Contrasts of one metric and one quantity that are corrected together."""

    SUBSETS = "between subsets"
    CEILING = "against the ceiling"
    ENTRIES = "between entries"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetRow:
    """One entry on one metric in one subset.

    Attributes:
        score: mean over all rows; None when the metric is not applicable.
        chance: the chance level in this subset; None where it had to be measured and was not.
        ceiling: the ceiling's score in this subset; None where there is none.
        fraction: (score - chance) / (ceiling - chance), never clipped; None when undefined.
        gap: ceiling - score over the same readings, mirrored where lower is better.
        note: why there is no score, or what was substituted.
        fraction_note: why there is no fraction; "" where there is one.
    """

    metric: str
    entry: str
    kind: EntryKind
    subset: str
    n_images: int
    score: float | None
    interval: Interval | None
    chance: float | None
    ceiling: float | None
    ceiling_interval: Interval | None
    fraction: float | None
    fraction_interval: Interval | None
    gap: float | None
    gap_interval: Interval | None
    note: str
    fraction_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two numbers of a contrast; `n` counts what is resampled, images or patients."""

    entry: str
    subset: str
    n: int
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two numbers compared: one entry in two subsets, or two entries in one.

    Attributes:
        difference: first minus second; None where one of them is not there.
        interval: 95 %, percentiles of the joint resamples.
        p_value: two-sided, unadjusted; None where nothing is tested, and `note` says why.
        p_holm: the same after Holm's correction over the family.
    """

    metric: str
    quantity: Quantity
    family: Family
    test: Test
    first: Side
    second: Side
    difference: float | None = None
    interval: Interval | None = None
    standard_error: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    note: str = ""

    @property
    def is_significant(self) -> bool:
        """Whether the difference stands after correction."""
        return self.p_holm is not None and self.p_holm <= ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetAnalysis:
    """Where entries are most like the readers, and whether that is more than chance.

    Attributes:
        asked: the metric that the answer in words is about.
        entries: those shown, the ceiling first, then by their scores on `asked`, best first.
        subsets: name -> images; "all" comes first.
        rest: subset -> what all other images are called; those that hold every image are left out.
        interval: how intervals were made, in words.
        over: what is resampled, "images" or "N patients".
    """

    dataset: str
    metrics: tuple[MetricColumn, ...]
    asked: str
    ceiling: str | None
    entries: Mapping[str, EntryKind]
    subsets: Mapping[str, int]
    rest: Mapping[str, str]
    rows: tuple[SubsetRow, ...]
    contrasts: tuple[Contrast, ...]
    interval: str
    over: str
    notices: tuple[str, ...]

    def metric(self, name: str) -> MetricColumn:
        """Return what is known about a metric."""
        return next(metric for metric in self.metrics if metric.name == name)

    def row(self, metric: str, entry: str, subset: str) -> SubsetRow:
        """Return an entry's row."""
        return next(
            row
            for row in self.rows
            if (row.metric, row.entry, row.subset) == (metric, entry, subset)
        )

    def family(self, metric: str, quantity: Quantity, family: Family) -> tuple[Contrast, ...]:
        """Return the contrasts that are corrected together."""
        wanted = metric, quantity, family
        return tuple(c for c in self.contrasts if (c.metric, c.quantity, c.family) == wanted)
