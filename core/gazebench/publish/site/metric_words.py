"""What metrics ask, in plain words; of those nobody wrote about, what their facts say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import tomli

from gazebench.spec.board import MetricColumn
from gazebench.spec.in_words import chance_in_words

OURS = "gazebench"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricWords:
    """A metric for people.

    Attributes:
        asks: the question that it answers.
        how: what the number is.
        mind: what to be careful about.
        facts: direction, chance and version, from the board.
        parameters: what the metric's name says beyond its own name.
    """

    metric: MetricColumn
    asks: str
    how: str
    mind: str
    facts: str
    parameters: str


def words_of(metric: MetricColumn) -> MetricWords:
    """Explain a metric."""
    name, _, parameters = metric.name.partition(":")
    distribution, _, own = name.rpartition("/")
    known = _known().get(own, {}) if distribution in {"", OURS} else {}
    better = "Higher is better" if metric.higher_is_better else "Lower is better"
    version = f"; version {metric.version}" if metric.version else ""
    return MetricWords(
        metric=metric,
        asks=known.get("asks", _asks(metric)),
        how=known.get("how", ""),
        mind=known.get("mind", ""),
        facts=f"{better}; {chance_in_words(metric)}{version}.",
        parameters=parameters,
    )


def _asks(metric: MetricColumn) -> str:
    if metric.of_network:
        return "A metric of a plugin that asks the network about a map, not the readers."
    return "A metric of a plugin that compares a map with the readers."


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    text = resources.files(__package__).joinpath("metrics.toml").read_text("utf-8")
    return tomli.loads(text)
