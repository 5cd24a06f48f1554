"""Contradictions within a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gazebench
from boards import AUC, KL, MEASURED_KL, board_of, rows_of
from gazebench.publish.record import Origin, Protocol, Publication, Record, RunFacts
from gazebench.publish.verification.consistency import contradictions
from gazebench.spec.board import Board, Cell, Interval, MetricColumn, RankInterval
from small_records import HASH, small_record

RANGES = {"auc": (0.0, 1.0), "kl": (0.0, float("inf"))}
SCORES = {
    "ceiling": [0.9, 0.85, 0.95, 0.9, 0.8, 0.9],
    "m/a": [0.7, 0.72, 0.75, 0.61, 0.7, 0.8],
    "m/b": [0.6, 0.62, 0.65, 0.51, 0.6, 0.7],
    "m/c": [0.685, 0.74, 0.74, 0.6, 0.71, 0.8],
    "uniform": [0.5] * 6,
}


RUN = RunFacts(
    command="gazebench run --dataset toy --data-root FOLDER",
    config={"dataset": '"toy"'},
    versions={"gazebench": gazebench.__version__},
    hardware="x86_64",
    resamples=200,
)


def record_of(board: Board, **changes: Any) -> Record:
    """Return a record around a board of six images."""
    protocol = Protocol(dataset="toy", case_set=HASH, cases=6)
    sets = {subset.name: HASH for subset in board.subsets}
    return small_record(board, **{"protocol": protocol, "subset_sets": sets, **changes})


def found(record: Record) -> list[str]:
    """Return the contradictions in a record."""
    return list(contradictions(record, RANGES))


def good() -> Record:
    """Return a record of a board that our own statistics made."""
    return record_of(board_of(rows_of(SCORES)))


def altered(record: Record, entry: str, **changes: Any) -> Record:
    """Return the record with one cell changed in the first subset."""
    first, *others = record.board.subsets
    rows = tuple(
        replace(row, cells={m: replace(cell, **changes) for m, cell in row.cells.items()})
        if row.entry == entry
        else row
        for row in first.rows
    )
    board = replace(record.board, subsets=(replace(first, rows=rows), *others))
    return replace(record, board=board)


def test_a_board_of_ours_has_none() -> None:
    """What our statistics give is consistent."""
    assert found(good()) == []


def test_the_command_of_another_version_is_its_own() -> None:
    """It may know other options, or write them otherwise."""
    assert found(replace(good(), run=RUN)) == []
    old = replace(RUN, versions={"gazebench": "0.0.1"}, command="gazebench run --old")
    assert found(replace(good(), run=old)) == []


VALUES = st.one_of(st.none(), st.floats(0.0, 1.0), st.sampled_from([0.5, 0.7]))


@given(
    st.dictionaries(
        st.sampled_from(["ceiling", "m/a", "m/b", "m/c", "floor", "uniform"]),
        st.lists(VALUES, min_size=7, max_size=7),
        min_size=1,
    ),
    st.sampled_from([AUC, KL, MEASURED_KL]),
    st.sampled_from([3, 7, None]),
)
@settings(deadline=None, max_examples=40)
def test_no_board_of_ours_has_any(
    scores: Mapping[str, list[float | None]], metric: MetricColumn, digits: int | None
) -> None:
    """Whatever the scores, ties and gaps, and however they are rounded when they are stated."""
    parts = {"few": {"0", "1", "2", "3", "4"}}
    board = board_of(rows_of(scores, metric=metric.name), metric, subsets=parts)
    protocol = Protocol(dataset="toy", case_set=HASH, cases=7)

    record = record_of(board if digits is None else rounded(board, digits), protocol=protocol)

    problems = [p for p in found(record) if "outside its interval" not in p]
    assert problems == []


def rounded(board: Board, places: int) -> Board:
    """Return the board as a paper would print it."""

    def number(value: float | None) -> float | None:
        return None if value is None else round(value, places)

    def bounds(interval: Interval | None) -> Interval | None:
        if interval is None:
            return None
        return Interval(low=round(interval.low, places), high=round(interval.high, places))

    def cell(of: Cell) -> Cell:
        return replace(
            of,
            score=number(of.score),
            fraction=number(of.fraction),
            interval=bounds(of.interval),
            fraction_interval=bounds(of.fraction_interval),
        )

    subsets = tuple(
        replace(
            subset,
            rows=tuple(
                replace(row, cells={m: cell(c) for m, c in row.cells.items()})
                for row in subset.rows
            ),
        )
        for subset in board.subsets
    )
    return replace(board, subsets=subsets)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"score": 0.99}, "all, auc, m/a: the score 0.99 is outside its interval"),
        ({"score": 1.3}, "outside the metric's range [0, 1]"),
        ({"interval": Interval(low=0.8, high=0.6)}, "ends before it begins"),
        (
            {"interval": Interval(low=-1e9, high=1e9)},
            "the interval [-1e+09, 1e+09] is far beyond the metric's range [0, 1]",
        ),
        ({"fraction": 0.9}, "the fraction of ceiling 0.9 is not (0.713333 - 0.5) / "),
        ({"fraction_interval": Interval(low=0.1, high=0.2)}, "outside its interval [0.1, 0.2]"),
        ({"fraction": None}, "an interval of a fraction of ceiling without the fraction"),
        ({"rank": 2, "ranks": RankInterval(1, 3)}, "it has rank 2, and 0 of 3 entries"),
        ({"ranks": RankInterval(2, 3)}, "its rank 1 is not within 2 to 3"),
        ({"ranks": RankInterval(1, 9)}, "its worst rank is 9 of 3 entries"),
        ({"tie_group": 2}, "the first stands in group 2"),
        ({"coverage": 1.1}, "the coverage 1.1 is not between"),
        ({"n_images": 60, "n_rows": 60}, "60 images are scored, the subset has 6"),
        ({"n_rows": 5}, "6 images need as many rows"),
        ({"probability_best": 1.5}, "the probability of being best, 1.5"),
        ({"score": float("nan")}, "a number is not finite"),
        ({"score": None, "interval": None, "rank": None}, "there is no score, and nobody says why"),
        ({"score": None}, "there is an interval without a score"),
    ],
)
def test_an_altered_cell_is_named(changes: Any, message: str) -> None:
    """Entry, metric and subset, what is stated and what it contradicts."""
    problems = found(altered(good(), "m/a", **changes))

    assert any(message in problem for problem in problems), problems


def test_a_rank_of_the_ceiling_is_named() -> None:
    """Only entries are ranked."""
    (problem,) = found(altered(good(), "ceiling", rank=1))

    assert problem == "all, auc, ceiling: a ceiling has no rank, and one is stated"


def test_a_group_left_out_is_named() -> None:
    """Groups are numbered without gaps."""
    record = good()
    last = max(row.cells["auc"].tie_group or 0 for row in record.board.subsets[0].rows)

    problems = found(altered(record, "m/b", tie_group=last + 2))

    assert any("it stands in group" in problem for problem in problems), problems


def _without_whole(board: Board) -> Board:
    return replace(board, subsets=(replace(board.subsets[0], name="part"),))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"run": None}, "it says that it is of a run, and nothing of the run"),
        ({"origin": Origin.PUBLICATION}, "of a publication, and not of which"),
        ({"entries": {}}, "nothing is said about where the maps of m/a came from"),
        ({"protocol": Protocol(dataset="toy", cases=3)}, "all has 6 images, the protocol 3 cases"),
        (
            {"protocol": Protocol(dataset="toy", cases=6)},
            "it is of a run, and does not state the set and the number of its cases",
        ),
        ({"protocol": Protocol(dataset="reflacx")}, "its protocol is of the dataset reflacx"),
        (
            {"run": replace(RUN, command="gazebench run --model others")},
            "its command is not that of its settings, which is gazebench run --dataset toy",
        ),
        ({"run": replace(RUN, config={"x": "1"})}, "its settings are none of a run: "),
        ({"suppressed": ("all",)}, "all is said to be suppressed, and stands there"),
        ({"subset_sets": {"gone": "ab"}}, "the cases of gone are stated, and it has no board"),
    ],
)
def test_a_contradiction_of_the_record_is_named(changes: Any, message: str) -> None:
    """Origins, entries and subsets have to fit together."""
    problems = found(replace(good(), **changes))

    assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: replace(b, rank_by="ncc"), "ranked by ncc, which is none of its metrics"),
        (lambda b: replace(b, margin=0.0), "the margin of equivalence"),
        (lambda b: replace(b, margin=50.0), "the margin of equivalence"),
        (lambda b: replace(b, metrics=(AUC, AUC)), "a metric stands twice"),
        (lambda b: replace(b, metrics=(AUC, KL)), "m/a: there are scores on auc"),
        (lambda b: replace(b, subsets=b.subsets * 2), "the subset all stands twice"),
        (_without_whole, "the first subset has to be 'all'"),
    ],
)
def test_a_contradiction_of_the_board_is_named(change: Any, message: str) -> None:
    """Metrics, margin and subsets of the board have to fit together."""
    record = good()

    problems = found(replace(record, board=change(record.board)))

    assert any(message in problem for problem in problems), problems


def test_a_run_states_the_cases_of_its_subsets() -> None:
    """Of what is not stated nobody sees that it is easier; a paper need not."""
    board = board_of(rows_of(SCORES), subsets={"easy": {"0", "1", "2", "3", "4"}})
    record = record_of(board, subset_sets={"all": HASH})

    assert found(record) == ["it is of a run, and does not state the cases of easy"]
    assert found(record_of(board)) == []
    paper = Publication(citation="A. Author, 2021", url="https://example.org")
    changes = {"origin": Origin.PUBLICATION, "run": None, "publication": paper}
    assert found(replace(record, **changes)) == []


def test_a_subset_of_few_images_is_named() -> None:
    """Fewer than five images are not published."""
    problems = found(record_of(board_of(rows_of(SCORES), subsets={"tiny": {"0", "1"}})))

    assert any("tiny: a subset of 2 images says too much" in problem for problem in problems)
