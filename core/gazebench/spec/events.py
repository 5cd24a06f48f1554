"""What happens in a run, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """The plan is made: what will be scored, and what cannot be."""

    dataset: str
    cases: int
    readings: int
    entries: tuple[str, ...]
    metrics: tuple[str, ...]
    not_applicable: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAdvanced(Event):
    """One of `total` units of `stage` is done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapsMade(Event):
    """A method has explained `done` of `total` images to one model, every seed counted."""

    explained: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """Something the user must know: a reading left out, a map that failed, foreign weights."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """Every score is on disk."""

    folder: str
    rows: int
    seconds: float
