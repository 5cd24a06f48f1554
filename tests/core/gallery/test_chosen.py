"""Which cases a report shows: by their scores, and for stated reasons."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from gazebench.errors import UsageError
from gazebench.gallery.chosen import CaseScore, case_scores, choose, named
from gazebench.spec.board import MetricColumn

NCC = MetricColumn(name="ncc", title="NCC", higher_is_better=True, chance=0.0, version=1)
KL = replace(NCC, name="kl", higher_is_better=False)


def of(case: str, entries: float | None, readers: float | None = 0.5) -> CaseScore:
    return CaseScore(case=case, entries=entries, readers=readers)


FOUR = [of("a", 0.1, 0.9), of("b", 0.4, 0.8), of("c", 0.3, 0.2), of("d", 0.2, 0.7)]


def why(cases: object) -> dict[str, tuple[str, ...]]:
    return {one.case: one.why for one in cases}  # type: ignore[attr-defined]


def test_best_worst_and_most_disputed_are_shown_with_their_reasons() -> None:
    """By the mean of the entries, and by how little the readers agree."""
    found = why(choose(FOUR, NCC, {}, each=1))

    assert found == {
        "b": ("best ncc of the entries",),
        "a": ("worst ncc of the entries",),
        "c": ("most disputed: the readers agree least",),
    }


def test_a_metric_where_less_is_better_turns_everything_round() -> None:
    """The smallest is the best, and readers agree least where theirs is largest."""
    found = why(choose(FOUR, KL, {}, each=1))

    assert found == {
        "a": ("best kl of the entries", "most disputed: the readers agree least"),
        "b": ("worst kl of the entries",),
    }


def test_every_subset_shows_its_best_and_worst() -> None:
    """A case stands once, with all its reasons."""
    found = why(choose(FOUR, NCC, {"left": frozenset({"c", "d"})}, each=1))

    assert found["c"][-1] == "best of the subset left"
    assert found["d"] == ("worst of the subset left",)


def test_cases_without_a_value_are_never_best_or_worst() -> None:
    """Nothing is known of them, so nothing is claimed."""
    found = choose([of("a", None, None), of("b", 0.4)], NCC, {}, each=3)

    assert [one.case for one in found] == ["b"]


def test_asked_for_cases_come_in_their_order_once() -> None:
    """Whatever their scores are."""
    assert [one.case for one in named(["d", "a", "d"], FOUR)] == ["d", "a"]


def test_an_unknown_case_is_refused_with_the_nearest_name() -> None:
    """The run did not score it."""
    with pytest.raises(UsageError, match="no case 'case-11'; did you mean"):
        named(["case-11"], [of("case-1", 0.5)])


def test_means_are_over_entries_and_readings_and_leave_gaps_out() -> None:
    """The ceiling's rows tell how the readers agree; floors count nowhere."""
    rows = [
        ("a", "interobserver", "ceiling", 0.8),
        ("a", "x", "entry", 0.2),
        ("a", "y", "entry", 0.4),
        ("a", "y", "entry", None),
        ("a", "uniform", "floor", 9.0),
        ("b", "x", "entry", None),
    ]
    table = pa.table(
        {
            "case": [row[0] for row in rows],
            "entry": [row[1] for row in rows],
            "kind": [row[2] for row in rows],
            "metric": ["ncc"] * len(rows),
            "value": pa.array([row[3] for row in rows], pa.float64()),
        }
    )

    first, second = case_scores(table, "ncc", ["x", "y"])

    assert first == CaseScore(case="a", entries=pytest.approx(0.3), readers=0.8)
    assert second == CaseScore(case="b", entries=None, readers=None)
