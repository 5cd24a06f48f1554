"""Entry points that an editable installation does not know yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fake_distributions import install
from gazebench.registry.checkout import differences, stale_installations


@pytest.mark.parametrize(
    ("declared", "known", "expected"),
    [
        ({"a": "m:a"}, {"a": "m:a"}, []),
        ({"a": "m:a"}, {}, ["declared in pyproject.toml but not installed"]),
        ({}, {"a": "m:a"}, ["installed but no longer declared in pyproject.toml"]),
        ({"a": "m:b"}, {"a": "m:a"}, ["installed as m:a, declared as m:b"]),
    ],
)
def test_differences_are_named(
    declared: dict[str, str], known: dict[str, str], expected: list[str]
) -> None:
    """In both directions, and in the value."""
    group = "gazebench.methods"

    found = differences(
        {(group, name): value for name, value in declared.items()},
        {(group, name): value for name, value in known.items()},
    )

    assert [cause for _, _, cause in found] == expected


def test_a_new_entry_point_of_an_editable_installation_asks_for_a_reinstall(
    site: Path, tmp_path: Path
) -> None:
    """With the command; other groups of the project are none of our business."""
    checkout = tmp_path / "my project"
    checkout.mkdir()
    (checkout / "pyproject.toml").write_text(
        '[project]\nname = "fake-edit"\n[project.entry-points."gazebench.methods"]\n'
        'old = "m:old"\nnew = "m:new"\n[project.entry-points.pytest11]\nx = "m"\n'
    )
    install(site, "fake-edit", entry_points={"gazebench.methods": {"old": "m:old"}})
    (site / "fake_edit-1.0.dist-info" / "direct_url.json").write_text(
        json.dumps({"url": checkout.as_uri(), "dir_info": {"editable": True}})
    )

    (problem,) = stale_installations(["fake-edit", "not-installed", "mine.py"])

    assert (problem.kind, problem.name) == ("method", "new")
    assert problem.cause.startswith("declared in pyproject.toml but not installed")
    assert problem.do == f"reinstall it: pip install -e {checkout}"


def test_an_installation_that_is_not_editable_has_no_checkout(site: Path) -> None:
    """Nothing to compare with."""
    install(site, "fake-plain", entry_points={"gazebench.methods": {"old": "m:old"}})

    assert stale_installations(["fake-plain"]) == ()
