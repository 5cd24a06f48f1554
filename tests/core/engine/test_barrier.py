"""The fault barrier: a plugin's errors become values, a user's interrupt does not."""

from __future__ import annotations

import sys

import pytest

from gazebench.engine.barrier import Failure, guarded
from gazebench.errors import PluginError
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin


@pytest.fixture
def plugin() -> Plugin:
    return Host().get("floor", "uniform")


def test_what_a_task_returns_passes(plugin: Plugin) -> None:
    assert guarded(plugin, max, 1, 2) == 2


def test_an_error_names_the_plugin_and_the_cause(plugin: Plugin) -> None:
    failure = guarded(plugin, int, "x")

    assert isinstance(failure, Failure)
    assert failure.reason.startswith("uniform raised ValueError: invalid literal")


def test_our_own_errors_keep_their_words(plugin: Plugin) -> None:
    def refuse() -> None:
        raise PluginError("the method m returned nothing", do="mend it")

    assert guarded(plugin, refuse) == Failure(
        plugin="uniform", reason="the method m returned nothing"
    )


def test_a_plugin_that_exits_ends_its_own_task_only(plugin: Plugin) -> None:
    assert guarded(plugin, sys.exit, 3) == Failure(
        plugin="uniform", reason="uniform raised SystemExit: 3"
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_is_not_the_plugins_to_swallow_passes(
    plugin: Plugin, error: type[BaseException]
) -> None:
    def stop() -> None:
        raise error

    with pytest.raises(error):
        guarded(plugin, stop)
