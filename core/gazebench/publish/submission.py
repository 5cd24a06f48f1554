"""A record as it comes to a board: with its badge, and its case scores where it carries any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from gazebench.publish.case_scores import CaseScores
from gazebench.publish.record import Badge, Record


class CaseTable(NamedTuple):
    """Score rows, their cases and readings known by salted names only.

    Attributes:
        scores: a table with the columns of `gazebench.spec.values.ScoreRow`.
        subsets: name -> cases.
    """

    scores: Any
    subsets: Mapping[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Submission:
    """One record of a board's folder, and what is beside it.

    Attributes:
        case_scores: None for a record that only states its numbers.
    """

    record: Record
    badge: Badge = Badge.CLAIMED
    case_scores: CaseScores | None = None

    @property
    def name(self) -> str:
        """The record's name."""
        return self.record.name

    @cached_property
    def case_table(self) -> CaseTable | None:
        """The case scores as a table."""
        if self.case_scores is None:
            return None
        return CaseTable(self.case_scores.to_table(), self.case_scores.members())
