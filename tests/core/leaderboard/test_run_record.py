from __future__ import annotations

from typing import Any

import pytest

from gazebench.leaderboard.run_record import RunRecord


@pytest.mark.parametrize(
    ("content", "restricted"),
    [
        ({"dataset": {"restricted": False}}, False),
        ({"dataset": {"restricted": True}}, True),
        ({"dataset": {"name": "phantom"}}, True),
        ({"dataset": {"restricted": 0}}, True),
        ({"dataset": {"restricted": None}}, True),
        ({"dataset": "phantom"}, True),
        ({}, True),
    ],
)
def test_a_dataset_is_restricted_unless_the_run_says_otherwise(
    content: dict[str, Any], restricted: bool
) -> None:
    assert RunRecord(content=content).is_restricted is restricted
