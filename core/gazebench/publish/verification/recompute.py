"""Whether every number of a record follows from its case scores."""

from __future__ import annotations

from collections.abc import Iterator

from gazebench.errors import RecordError, UsageError
from gazebench.publish.case_scores import CaseScores
from gazebench.publish.record import Record
from gazebench.publish.record_board import board_of
from gazebench.publish.verification.differences import (
    Pair,
    all_numbers,
    paired,
    structure,
    verdicts,
)
from gazebench.spec.board import Board

# A record states 7 significant digits or more; sums come out in the last digits of a float64
# as the processor at hand adds them.
DIGITS = 7
ADDED = 1e-9


def recomputed_board(record: Record, case_scores: CaseScores) -> Board:
    """Make a record's board again from its case scores.

    Raises:
        RecordError: the record says nothing of its run, or settings that are none.
        DataError: a row stands twice, there are two ceilings, or an entry is of two kinds.
    """
    if record.run is None:
        raise RecordError(f"the record {record.name} has case scores and is of no run")
    try:
        return board_of(case_scores, record.board, record.run, is_restricted=record.is_restricted)
    except UsageError as error:
        raise RecordError(error.message, do=error.do) from error


def unlike(stated: Board, found: Board) -> Iterator[str]:
    """Yield one sentence per number, place or count that does not follow from the case scores."""
    yield from structure(stated, found)
    for pair in paired(stated, found, all_numbers):
        if pair.difference > allowed(pair):
            stated_as = f"the {pair.what} is stated as {_shown(pair.stated)}"
            yield f"{pair.place}: {stated_as}, the case scores give {_shown(pair.found)}"
    yield from verdicts(stated, found)


def allowed(pair: Pair) -> float:
    """Return how far a stated number may be from the one that was rounded to it."""
    size = max(abs(pair.stated or 0.0), abs(pair.found or 0.0))
    return size * 10.0 ** (1 - DIGITS) / 2 * 1.001 + ADDED


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.{DIGITS}g}"
