"""A record's numbers, made again from its case scores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boards import AUC, placed_board, rows_of, table_of
from gazebench.errors import RecordError
from gazebench.publish.case_scores import CaseScores, make_case_scores
from gazebench.publish.record import Protocol, Record, RunFacts
from gazebench.publish.record_board import board_of
from gazebench.publish.suppress import TOO_FEW
from gazebench.publish.verification.consistency import contradictions
from gazebench.publish.verification.recompute import recomputed_board, unlike
from gazebench.spec.board import Board, Cell, Interval
from small_records import HASH, small_record

SCORES: dict[str, list[float | None]] = {
    "ceiling": [0.9, 0.85, 0.95, 0.9, 0.8, 0.9, 0.91],
    "m/a": [0.7, 0.72, 0.75, 0.61, 0.7, 0.8, 0.77],
    "m/b": [0.6, 0.62, 0.65, 0.51, 0.6, 0.7, 0.66],
    "m/few": [0.9, 0.9, 0.9, None, None, None, None],
}
SUBSETS = {"most": frozenset("01234")}
RUN = RunFacts(command="", config={}, versions={}, hardware="", resamples=200)


def carried(scores: Any, subsets: Any) -> CaseScores:
    """Return scores as a record carries them."""
    return make_case_scores(table_of(rows_of(scores)), subsets, salt="5f" * 16, dataset="toy")


def record() -> Record:
    """Return a record as it is published: suppressed, its numbers at seven digits."""
    outline = placed_board({}, AUC, dataset="toy")
    board = board_of(carried(SCORES, SUBSETS), outline, RUN, is_restricted=False)
    return small_record(
        at_seven_digits(board),
        protocol=Protocol(dataset="toy", case_set=HASH, cases=7),
        subset_sets=dict.fromkeys(("all", *SUBSETS), HASH),
        run=RUN,
        case_scores=HASH,
    )


def at_seven_digits(board: Board) -> Board:
    """Round the numbers that are measured."""

    def number(value: float | None) -> Any:
        return None if value is None else float(f"{value:.7g}")

    def bounds(interval: Interval | None) -> Interval | None:
        return interval and Interval(low=number(interval.low), high=number(interval.high))

    def cell(of: Cell) -> Cell:
        return replace(
            of,
            score=number(of.score),
            interval=bounds(of.interval),
            fraction=number(of.fraction),
            fraction_interval=bounds(of.fraction_interval),
        )

    return altered(board, cell, everywhere=True)


def altered(board: Board, change: Any, *, entry: str = "m/a", everywhere: bool = False) -> Board:
    """Change the cells of an entry in the first subset, or all cells."""
    subsets = tuple(
        replace(
            subset,
            rows=tuple(
                replace(row, cells={m: change(c) for m, c in row.cells.items()})
                if everywhere or (row.entry == entry and not place)
                else row
                for row in subset.rows
            ),
        )
        for place, subset in enumerate(board.subsets)
    )
    return replace(board, subsets=subsets)


def found(stated: Record, scores: Any = None, subsets: Any = None) -> list[str]:
    """Return what does not follow from the case scores."""
    again = recomputed_board(stated, carried(scores or SCORES, subsets or SUBSETS))
    return list(unlike(stated.board, again))


def test_what_is_published_follows_from_its_case_scores() -> None:
    """Rounding and suppression are no differences, and a suppressed record is consistent."""
    assert found(record()) == []
    assert list(contradictions(record(), {})) == []
    cells = [r.cells["auc"] for r in record().board.subsets[0].rows if r.entry == "m/few"]
    assert [cell.note for cell in cells] == [TOO_FEW]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: replace(c, score=c.score + 2e-6), "all, auc, m/a: the score is stated as 0.72"),
        (lambda c: replace(c, interval=None), "the low end of the interval is stated as nothing"),
        (lambda c: replace(c, fraction=0.99), "the fraction of ceiling is stated as 0.99"),
        (lambda c: replace(c, rank=2), "all, auc, m/a: rank: stated 2, found 1"),
        (lambda c: replace(c, tie_group=3), "all, auc, m/a: tie group: stated 3"),
        (lambda c: replace(c, coverage=0.5), "the coverage is stated as 0.5"),
        (lambda c: replace(c, n_rows=9), "all, auc, m/a: rows: stated 9, found 7"),
        (lambda c: replace(c, probability_best=0.0), "the probability of being best is stated"),
        (lambda c: replace(c, like_a_reader=None), "like a reader: stated nothing, found"),
        (lambda c: replace(c, note="x"), "all, auc, m/a: note: stated x, found nothing"),
    ],
)
def test_one_altered_number_is_named(change: Any, message: str) -> None:
    """Subset, metric and entry, what is stated and what the case scores give."""
    stated = record()

    problems = found(replace(stated, board=altered(stated.board, change)))

    assert any(message in problem for problem in problems), problems


def test_a_suppressed_score_that_stands_there_is_named() -> None:
    """A mean over three images is not published, even if it is right."""
    stated = record()
    shown = altered(stated.board, lambda c: replace(c, score=0.9), entry="m/few")

    problems = found(replace(stated, board=shown))

    assert any(
        "m/few: the score is stated as 0.9, the case scores give nothing" in p for p in problems
    )


def test_an_entry_or_case_more_or_less_is_named() -> None:
    """What is stated and what the case scores hold have to be the same entries and images."""
    stated = record()
    without = {name: values for name, values in SCORES.items() if name != "m/b"}
    fewer = {name: values[:-1] for name, values in SCORES.items()}

    assert "all: m/b is stated, and not found" in found(stated, without)
    assert "all: m/c is found, and not stated" in found(stated, {**SCORES, "m/c": [0.1] * 7})
    assert "all: images: stated 7, found 6" in found(stated, fewer)
    assert "subsets: stated all, most, found all, x" in found(stated, subsets={"x": {"1"}})


def test_another_order_of_rows_is_named() -> None:
    """The best stands first."""
    stated = record()
    first, *others = stated.board.subsets
    board = replace(stated.board, subsets=(replace(first, rows=first.rows[::-1]), *others))

    assert any("all: order of rows" in p for p in found(replace(stated, board=board)))


def test_settings_that_are_none_are_refused() -> None:
    """A record that does not say how its intervals were made cannot be recomputed."""
    with pytest.raises(RecordError, match="interval must be one of"):
        found(replace(record(), run=replace(RUN, config={"interval": '"guess"'})))
    with pytest.raises(RecordError, match="is of no run"):
        found(replace(record(), run=None))


def test_more_resamples_than_memory_holds_are_refused() -> None:
    """A record may not choose how much memory its verifier needs."""
    stated = record()
    greedy = replace(stated, run=replace(RUN, resamples=10**15))

    with pytest.raises(RecordError, match="1,000,000,000,000,000 resamples are stated"):
        recomputed_board(greedy, carried(SCORES, SUBSETS))
