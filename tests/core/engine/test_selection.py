"""Which cases take part: complete ones by default, others on request."""

from __future__ import annotations

import pytest

from gazebench.engine.selection import select
from gazebench.errors import DataError
from gazebench.spec import Case, Reading, Size


def case(name: str, readings: int, expected: int = 3) -> Case:
    return Case(
        id=name,
        size=Size(4, 5),
        readings=tuple(Reading(id=f"{name}{i}") for i in range(readings)),
        expected_readings=expected,
    )


def test_complete_cases_are_scored_and_all_inform() -> None:
    selection = select([case("a", 3), case("b", 2)], min_readings=None, without_density=frozenset())

    assert [c.id for c in selection.scored] == ["a"]
    assert [c.id for c in selection.informing] == ["a", "b"]
    assert "1 of 2 cases are not scored" in selection.notices[0]


def test_min_readings_takes_incomplete_cases() -> None:
    selection = select([case("a", 3), case("b", 2)], min_readings=2, without_density=frozenset())

    assert [c.id for c in selection.scored] == ["a", "b"]
    assert selection.notices == ()


def test_a_reading_without_density_is_not_usable_and_is_named() -> None:
    selection = select(
        [case("a", 3), case("b", 3)], min_readings=None, without_density=frozenset({"b1"})
    )

    assert [c.id for c in selection.scored] == ["a"]
    assert [r.id for r in selection.informing[1].readings] == ["b0", "b2"]
    assert "b1" in selection.notices[-1]


def test_no_case_left_is_an_error() -> None:
    with pytest.raises(DataError, match="none of the 1 cases has all their usable readings"):
        select([case("a", 2)], min_readings=None, without_density=frozenset())
