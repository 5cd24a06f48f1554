"""An explained number, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from gazebench.leaderboard.explain_formula import Formula
from gazebench.leaderboard.explain_rows import Rows
from gazebench.spec.board import Cell
from gazebench.spec.values import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMean:
    """The mean over an image's rows."""

    case: str
    mean: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """A row without a value, and what counts in its place (None: nothing does)."""

    case: str
    reading: str
    seed: int
    status: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another ranked entry: the difference to it, positive where this one is better."""

    entry: str
    lead: float
    p_holm: float | None
    is_separated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything behind one number.

    Attributes:
        cell: as on the board.
        recomputed: the mean over the rows themselves; None where the entry has no score.
        ceiling: the ceiling's name and cell; None where there is none.
        chance: the chance level, fixed or measured; None where it is unknown.
        matched: the mean over the readings that the ceiling has, which the fraction is made of.
        seeds: of the entry.
        readings: how many are behind the score.
        substitutions: rows that have no value of their own.
        gaps: the same in a sentence.
        rivals: by the order of their scores; none for ceiling and floors.
        images: worst score first, by number.
        made_by: models, methods, weights.
        command: what made the run; "" for a table.
        again: what computes this number again.
        notes: what else must be known.
    """

    dataset: str
    entry: str
    kind: EntryKind
    metric: str
    subset: str
    n_images: int
    cell: Cell
    interval: str
    differences: str
    recomputed: float | None
    formula: Formula
    ceiling: tuple[str, Cell] | None
    chance: float | None
    matched: float | None
    seeds: tuple[int, ...]
    readings: int
    substitutions: tuple[Substitution, ...]
    gaps: str
    rivals: tuple[Rival, ...]
    images: tuple[ImageMean, ...]
    rows: Rows
    made_by: tuple[str, ...]
    versions: tuple[str, ...]
    command: str
    again: str
    notes: tuple[str, ...]
