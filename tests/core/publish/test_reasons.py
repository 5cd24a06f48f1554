"""Which reasons of missing scores a record repeats."""

from __future__ import annotations

import pytest

from gazebench.publish.reasons import published_reason
from gazebench.spec.capabilities import EXPLANATIONS, REGIONS, why_not_applicable
from gazebench.spec.values import Status


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.MISSING, "no map of this case was given"),
        (Status.NONFINITE, "the map holds 1 NaN and 0 infinite pixels of 2"),
        (Status.UNDEFINED, "NCC: the map is constant"),
        (Status.NOT_APPLICABLE, f"there is no {EXPLANATIONS[REGIONS]}"),
        (
            Status.NOT_APPLICABLE,
            why_not_applicable({"gradients", "logits"}, set(), provider="dist/net:a=1") or "",
        ),
    ],
)
def test_the_harness_own_words_are_kept(status: Status, reason: str) -> None:
    """They are composed of what plugins declare, and of counts."""
    assert published_reason(status, reason) == reason != ""


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.FAILED, "mine raised KeyError: 'Ann'"),
        (Status.FAILED, "the map is a list, not an array"),  # of a type that a plugin named
        (Status.NOT_APPLICABLE, "Ann has no ellipses"),
        (Status.NOT_APPLICABLE, "there is no gradients for Ann"),
        (Status.UNDEFINED, "NCC: study 50414267 is constant"),
        (Status.MISSING, "no map of this case was given " * 40),
    ],
)
def test_what_a_plugin_may_have_worded_is_not(status: Status, reason: str) -> None:
    """Whatever it looks like."""
    assert published_reason(status, reason) == ""
