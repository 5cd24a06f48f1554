"""What readers agree on."""

from __future__ import annotations

import pytest

from gazebench.spec.findings import agreed_findings, readings_agree
from gazebench.spec.values import Case, Reading, Size


def case_of(*certainties: float | None) -> Case:
    """Return a case whose readings call a mass this certain; None for a reading without labels."""
    readings = tuple(
        Reading(id=str(index), findings={} if certainty is None else {"Mass": certainty})
        for index, certainty in enumerate(certainties)
    )
    return Case(id="c", size=Size(1, 1), readings=readings, expected_readings=len(readings))


@pytest.mark.parametrize(("readings", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_majority_is_strict(readings: int, needed: int) -> None:
    for positive in range(readings + 1):
        case = case_of(*[5] * positive, *[0] * (readings - positive))
        assert readings_agree(case, lambda f: f["Mass"] > 0) is (positive >= needed)


def test_unlabelled_readings_have_no_vote_and_a_case_of_them_no_answer() -> None:
    assert readings_agree(case_of(5, None, None), lambda f: f["Mass"] > 0) is True
    assert readings_agree(case_of(None), bool) is None
    assert agreed_findings(case_of(None)) is None


def test_agreed_findings_count_from_certainty_three() -> None:
    assert agreed_findings(case_of(3, 3, 2)) == ("Mass",)
    assert agreed_findings(case_of(3, 2, 2)) == ()
    assert agreed_findings(case_of(3, 2, 2), threshold=1) == ("Mass",)
