"""A record beside a rerun, and two boards beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boards import AUC, board_of, rows_of
from gazebench.publish.record import Protocol, Record, RunFacts
from gazebench.publish.verification.agreement import (
    ACROSS_SETUPS,
    compare_with_rerun,
    metric_accuracies,
    metric_ranges,
)
from gazebench.publish.verification.differences import all_numbers, paired, structure, verdicts
from gazebench.registry.host import Host
from gazebench.spec.board import Board
from small_records import small_record

SCORES = {
    "ceiling": [0.9, 0.85, 0.95, 0.9, 0.8, 0.9],
    "m/a": [0.7, 0.72, 0.75, 0.61, 0.7, 0.8],
    "m/b": [0.6, 0.62, 0.65, 0.51, 0.6, 0.7],
}
ACCURACY = {"auc": 1e-5}
RUN = RunFacts(command="", config={}, versions={"torch": "2.9"}, hardware="x86_64", resamples=200)


def board(moved: float = 0.0, **changes: Any) -> Board:
    """Return a board whose entry m/a is moved by a constant."""
    scores = {**SCORES, "m/a": [value + moved for value in SCORES["m/a"]]}
    return board_of(rows_of(scores), subsets={"most": {"0", "1", "2", "3", "4"}}, **changes)


def record(moved: float = 0.0, **changes: Any) -> Record:
    """Return a record around that board."""
    return small_record(
        board(moved), **{"protocol": Protocol(dataset="toy"), "run": RUN, **changes}
    )


def test_the_same_scores_agree() -> None:
    """Nothing differs, and everything was compared: 3 rows of 2 subsets, 3 numbers each."""
    compared = compare_with_rerun(record(), record(), ACCURACY)

    assert compared.holds
    assert compared.problems == ()
    assert [(a.metric, a.numbers, a.largest_difference) for a in compared.agreements] == [
        ("auc", 18, 0.0)
    ]


@pytest.mark.parametrize(("moved", "holds"), [(0.9e-5, True), (1.2e-5, False), (-1.2e-5, False)])
def test_scores_may_be_as_far_apart_as_the_metric_is_exact(moved: float, holds: bool) -> None:
    """On the same libraries and hardware the metric's own accuracy is allowed."""
    compared = compare_with_rerun(record(), record(moved), ACCURACY)

    assert compared.holds is holds
    assert compared.agreements[0].largest_difference == pytest.approx(abs(moved), abs=1e-12)
    if not holds:
        assert "m/a: the" in compared.problems[0]
        assert "they may be 1e-05 apart" in compared.problems[0]


@pytest.mark.parametrize(
    "changes",
    [{"versions": {"torch": "2.6"}}, {"hardware": "arm64"}, {"config": {"device": '"cuda"'}}],
)
def test_other_setups_are_allowed_more(changes: Any) -> None:
    """Another library, machine or device widens the tolerance by a stated factor."""
    elsewhere = replace(RUN, **changes)
    moved = 0.9e-5 * ACROSS_SETUPS

    assert compare_with_rerun(record(), record(moved, run=elsewhere), ACCURACY).holds
    assert not compare_with_rerun(record(), record(2 * moved, run=elsewhere), ACCURACY).holds


def test_counts_and_protocol_have_to_be_equal() -> None:
    """A rerun on other cases is no rerun."""
    other = replace(record(), protocol=Protocol(dataset="toy", case_set="cd"))
    fewer = small_record(board_of(rows_of({k: v[1:] for k, v in SCORES.items()})), run=RUN)

    (problem,) = compare_with_rerun(record(), other, ACCURACY).problems
    assert problem == "the case set of the record is not stated, that of the rerun cd"
    problems = compare_with_rerun(record(), fewer, ACCURACY).problems
    assert "all: images: stated 6, found 5" in problems
    assert "subsets: stated all, most, found all" in problems


def test_a_metric_of_unknown_accuracy_is_named() -> None:
    """Nothing is called the same by a tolerance that nobody stated."""
    assert compare_with_rerun(record(), record(), {}).problems == (
        "auc: its accuracy is not known here",
    )


def test_accuracies_and_ranges_are_the_plugins_own() -> None:
    """A metric says how exact it is; one of another version is not known."""
    board = replace(record().board, metrics=(AUC, replace(AUC, name="ncc", version=99)))

    assert metric_accuracies(board, Host()) == {"auc": 1.1e-5}
    assert metric_ranges(board, Host()) == {"auc": (0.0, 1.0)}


def test_every_number_and_verdict_is_held_against_its_twin() -> None:
    """One entry that moved shows in its numbers and in the places of all."""
    stated, found = board(), board(-0.15)

    moved = [p for p in paired(stated, found, all_numbers) if p.difference > 1e-9]
    said = list(verdicts(stated, found))

    assert {"m/a"} <= {p.place.entry for p in moved}
    assert "score" in {p.what for p in moved if p.place.entry == "m/a"}
    assert "all, auc, m/a: rank: stated 1, found 2" in said
    assert any("all: order of rows" in sentence for sentence in said)
    assert list(structure(stated, found)) == []
    assert list(verdicts(stated, stated)) == []


def test_an_interval_that_only_one_board_has_differs() -> None:
    """Nothing is not zero."""
    stated = board()
    first, *others = stated.subsets
    row, *rows = first.rows
    bare = replace(row, cells={"auc": replace(row.cells["auc"], interval=None)})
    found = replace(stated, subsets=(replace(first, rows=(bare, *rows)), *others))

    differing = [p for p in paired(stated, found, all_numbers) if p.difference > 0]

    assert [p.what for p in differing] == ["low end of the interval", "high end of the interval"]
