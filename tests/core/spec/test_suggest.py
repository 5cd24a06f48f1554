"""Did you mean."""

from __future__ import annotations

import pytest

from gazebench.spec.suggest import closest, suggest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gradcm", "gradcam"),
        ("GradCAM", "gradcam"),
        ("atention", "attention"),
        ("qqq", None),
        ("", None),
    ],
)
def test_the_closest_name_is_found_whatever_its_case(name: str, expected: str | None) -> None:
    """A slip of a letter or of case finds the name; something else finds nothing."""
    assert closest(name, ["attention", "gradcam"]) == expected


def test_nothing_is_suggested_when_nothing_exists() -> None:
    """No choices, no question."""
    assert suggest("gradcam", []) == ""
