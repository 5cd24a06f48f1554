"""Every built-in metric is explained to people."""

from __future__ import annotations

import pytest

from gazebench.leaderboard.metric_facts import plugin_facts
from gazebench.publish.site.metric_words import words_of
from gazebench.registry.host import Host

HOST = Host()
BUILT_IN = [one.name for one in HOST.listed("metric") if one.distribution == "gazebench"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_metric_has_words(name: str) -> None:
    plugin = HOST.get("metric", name)

    words = words_of(plugin_facts(plugin.label, plugin.descriptor))

    assert words.asks
    assert words.how
    assert not words.asks.startswith("A metric of a plugin")
