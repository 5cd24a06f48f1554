"""What a run cannot do without: a plugin that raises is named, and never ends a run unsaid."""

from __future__ import annotations

import sys

import pytest

from gazebench.errors import DataError, PluginError
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin


@pytest.fixture
def plugin() -> Plugin:
    return Host().get("subset", "abnormal")


def test_an_answer_passes(plugin: Plugin) -> None:
    assert asked(plugin, "", max, 1, 2) == 2


def test_what_is_raised_names_the_plugin_and_what_it_was_asked(plugin: Plugin) -> None:
    with pytest.raises(PluginError, match="subset abnormal raised ValueError for case 3: invalid"):
        asked(plugin, " for case 3", int, "x")


def test_a_plugin_that_exits_does_not_end_a_run_as_if_all_were_well(plugin: Plugin) -> None:
    with pytest.raises(PluginError, match="raised SystemExit: 0"):
        asked(plugin, "", sys.exit, 0)


@pytest.mark.parametrize("error", [DataError("torn"), KeyboardInterrupt(), MemoryError()])
def test_our_own_errors_and_what_is_not_the_plugins_pass(
    plugin: Plugin, error: BaseException
) -> None:
    def stop() -> None:
        raise error

    with pytest.raises(type(error)):
        asked(plugin, "", stop)
