"""Calling a plugin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gazebench.registry.plugin import Plugin
from gazebench.spec import Descriptor, image_method, model


@model(provides=frozenset(), family=True)
def family(variant: str, *, seed: int, depth: int = 3) -> Any:
    """Record what arrives."""
    return variant, seed, depth


@image_method()
def plain(image: Any, *, times: int = 2) -> Any:
    """Record what arrives."""
    return image, times


@image_method()
def open_ended(image: Any, **others: Any) -> Any:
    """Record what arrives."""
    return image, others


def as_plugin(descriptor: Descriptor, **parameters: Any) -> Plugin:
    """Wrap a descriptor without a host."""
    return Plugin(
        kind=descriptor.kind,
        name="p",
        label="p",
        descriptor=descriptor,
        parameters=parameters,
        distribution="d",
        version="1",
        origin="o",
        code_hash="h",
    )


def test_a_family_gets_its_variant_first() -> None:
    """And the run's seed, and the parameters."""
    plugin = replace(as_plugin(family, depth=5), variant="resnet50")

    assert plugin.call(seed=7) == ("resnet50", 7, 5)


@pytest.mark.parametrize("extra", [{}, {"seed": 1}, {"image": "another"}])
def test_what_a_function_does_not_take_is_left_out(extra: dict[str, Any]) -> None:
    """Also a name that a positional argument has taken already."""
    assert as_plugin(plain).call("image", **extra) == ("image", 2)


def test_a_function_that_takes_everything_gets_everything() -> None:
    """Through its own `**`."""
    assert as_plugin(open_ended, k=1).call("image", seed=3) == ("image", {"seed": 3, "k": 1})


def test_the_users_parameter_wins_over_the_runs() -> None:
    """The run only offers."""
    assert as_plugin(plain, times=5).call("image", times=9) == ("image", 5)
