"""Short names, full names, families and collisions."""

from __future__ import annotations

import pytest

from gazebench.errors import PluginError
from gazebench.registry.entrypoints import Listed
from gazebench.registry.names import Names


def listed(full_name: str) -> Listed:
    """Make a plugin of `distribution/name`."""
    distribution, name = full_name.split("/")
    return Listed(
        kind="model",
        name=name,
        distribution=distribution,
        version="1.0",
        origin=f"{distribution}.x:{name}",
        load=object,
    )


def names(*full_names: str) -> Names:
    """Make the table of some plugins."""
    return Names("model", map(listed, full_names))


@pytest.mark.parametrize(
    ("text", "full_name", "variant"),
    [
        ("timm", "core/timm", None),
        ("core/timm", "core/timm", None),
        ("timm/resnet50", "core/timm", "resnet50"),
        ("timm/hf-hub:a/b/c", "core/timm", "hf-hub:a/b/c"),
        ("core/timm/resnet50", "core/timm", "resnet50"),
        ("CORE/timm/a/b", "core/timm", "a/b"),
        ("my-nets/vit", "My_Nets/vit", None),
        ("vit", "My_Nets/vit", None),
    ],
)
def test_a_text_means_one_plugin(text: str, full_name: str, variant: str | None) -> None:
    """By short name, full name or family; distributions are compared as packaging does."""
    resolved = names("core/timm", "My_Nets/vit").resolve(text)

    assert (resolved.listed.full_name, resolved.variant) == (full_name, variant)


def test_a_name_given_twice_is_ambiguous_and_its_full_names_work() -> None:
    """The error names both distributions and how to ask for each."""
    table = names("a/net", "b/net", "a/other")

    with pytest.raises(PluginError, match=r"ambiguous: given by a 1.0 .* and by b 1.0") as error:
        table.resolve("net")
    assert "ask for a/net or b/net" in error.value.do
    assert table.resolve("b/net").listed.distribution == "b"
    assert [table.public_name(p) for p in table.plugins] == ["a/net", "b/net", "other"]
    assert [(p.name, p.distribution) for p in table.problems()] == [("net", "a, b")]


def test_a_family_given_twice_is_ambiguous_with_a_variant_too() -> None:
    """`timm/resnet50` cannot say whose family."""
    with pytest.raises(PluginError, match="ambiguous"):
        names("a/timm", "b/timm").resolve("timm/resnet50")


def test_a_distribution_called_like_a_family_is_reported() -> None:
    """Its full name wins, as full names always do, and doctor says what it hides."""
    table = names("core/timm", "timm/resnet50")

    assert table.resolve("timm/resnet50").listed.distribution == "timm"
    assert table.resolve("core/timm/resnet50").variant == "resnet50"
    (problem,) = table.problems()
    assert problem.cause == "hides the variant 'resnet50' of core/timm"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tim", "timm"),
        ("tim/resnet50", "timm/resnet50"),
        ("core/tim", "core/timm"),
        ("nothing-like-it", None),
    ],
)
def test_the_closest_name_keeps_the_variant(text: str, expected: str | None) -> None:
    """So that the suggestion can be pasted."""
    assert names("core/timm", "core/vit").closest(text) == expected
