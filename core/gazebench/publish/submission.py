"""A record as it comes to a board: with its badge, and its case scores where it carries any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gazebench.publish.record import Badge, Record


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseTable:
    """The score rows of a record, their cases and readings known by salted names only.

    Attributes:
        scores: a table with the columns of `gazebench.spec.values.ScoreRow`.
        subsets: name -> cases.
    """

    scores: Any
    subsets: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Submission:
    """One record of a board's folder, and what is beside it.

    Attributes:
        case_table: None for a record that only states its numbers.
    """

    record: Record
    badge: Badge = Badge.CLAIMED
    case_table: CaseTable | None = None

    @property
    def name(self) -> str:
        """The record's name."""
        return self.record.name
