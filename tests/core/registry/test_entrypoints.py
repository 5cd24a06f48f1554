"""Names from entry points, without imports."""

from __future__ import annotations

import sys
from pathlib import Path

from fake_distributions import FINE, install
from gazebench.registry.entrypoints import GROUPS, installed
from gazebench.spec.descriptors import KINDS


def test_every_kind_has_its_group() -> None:
    """Named after the kind, in the plural."""
    assert {kind: f"gazebench.{kind}s" for kind in KINDS} == GROUPS


def test_names_are_read_without_importing_anything(site: Path) -> None:
    """With the distribution and its version."""
    install(
        site,
        "fake-fine",
        modules={"fake_fine": FINE.format(name="twice")},
        entry_points={"gazebench.methods": {"twice": "fake_fine:twice"}},
        version="2.3",
    )

    (found,) = (p for p in installed().plugins if p.distribution == "fake-fine")

    assert (found.kind, found.name, found.version) == ("method", "twice", "2.3")
    assert found.full_name == "fake-fine/twice"
    assert "fake_fine" not in sys.modules


def test_a_malformed_distribution_hides_no_other(site: Path) -> None:
    """importlib alone raises for everybody; here it is one problem with its distribution."""
    install(site, "fake-fine", entry_points={"gazebench.methods": {"twice": "fake_fine:twice"}})
    install(site, "fake-torn")
    (site / "fake_torn-1.0.dist-info" / "entry_points.txt").write_text(
        "[gazebench.methods]\ntorn\n"
    )

    found = installed()

    assert "fake-fine/twice" in [p.full_name for p in found.plugins]
    assert [p.distribution for p in found.problems] == ["fake-torn"]


def test_a_name_that_cannot_be_asked_for_is_a_problem(site: Path) -> None:
    """A slash or a colon would end the name."""
    install(site, "fake-slash", entry_points={"gazebench.methods": {"a/b": "fake:a"}})

    found = installed()

    assert "a/b" not in [p.name for p in found.plugins]
    assert [p.name for p in found.problems] == ["a/b"]


def test_the_first_on_the_path_hides_the_same_distribution_later(site: Path) -> None:
    """As it does for imports."""
    install(site, "fake-fine", entry_points={"gazebench.methods": {"twice": "fake_fine:twice"}})
    install(
        site,
        "Fake.Fine",
        entry_points={"gazebench.methods": {"twice": "fake_fine:twice"}},
        version="0.9",
    )

    assert len([p for p in installed().plugins if p.name == "twice"]) == 1
