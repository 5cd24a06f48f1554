"""The only way from values to a published file: an allow-list of types and of their fields.

Every field of every type that may stand in a record has a rule here, and what has no rule is
refused: a case, a reading, gaze, an array, a tensor, a path, an unknown dataclass or a new field
that nobody thought about. Nothing is converted by guessing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import TypeAlias

from gazebench.publish import texts
from gazebench.publish.record import (
    CostFacts,
    EntryFacts,
    GamingChecks,
    Origin,
    PluginFacts,
    Protocol,
    Publication,
    Record,
    RunFacts,
    WeightFacts,
)
from gazebench.publish.texts import refuse
from gazebench.spec.board import (
    Board,
    BoardRow,
    Cell,
    Interval,
    MetricColumn,
    RankInterval,
    SubsetBoard,
    Verdict,
)
from gazebench.spec.values import EntryKind

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Rule: TypeAlias = Callable[[object, str], Json]


def encode(value: object, where: str = "record") -> Json:
    """Return a record, or a part of one, as JSON values, field by field.

    Enumerations become their words, a `RankInterval` [best, worst]; order is kept.

    Raises:
        RecordError: a type or text that must not be published; names the place in it, such as
            `record.entries["a/b"].weights[0].sha256`.
    """
    rules = RULES.get(type(value))
    if rules is None:
        raise refuse(where, f"{_named(value)} must not be published")
    return {one.name: _field(value, one.name, rules, where) for one in fields(value)}  # type: ignore[arg-type]


def _field(value: object, name: str, rules: Mapping[str, Rule], where: str) -> Json:
    place = f"{where}.{name}"
    if name not in rules:
        raise refuse(place, "no rule says that it may be published")
    return rules[name](getattr(value, name), place)


def _named(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def number(value: object, where: str) -> float:
    """Accept a finite float; numpy's scalars count."""
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise refuse(where, f"found {_named(value)}, expected a finite number")


def count(value: object, where: str) -> int:
    """Accept an integer that is not negative."""
    if type(value) is int and value >= 0:
        return value
    raise refuse(where, f"found {_named(value)}, expected a count")


def truth(value: object, where: str) -> bool:
    """Accept True or False."""
    if type(value) is bool:
        return value
    raise refuse(where, f"found {_named(value)}, expected true or false")


def ranks(value: object, where: str) -> Json:
    """Accept a `RankInterval`, as [best, worst]."""
    if type(value) is RankInterval:
        return [count(value.best, where), count(value.worst, where)]
    raise refuse(where, f"found {_named(value)}, expected a rank interval")


def one_of(kind: type[StrEnum]) -> Rule:
    """Accept a member of an enumeration, as its word."""

    def rule(value: object, where: str) -> str:
        if type(value) is kind:
            return str(value)
        raise refuse(where, f"found {_named(value)}, expected a {kind.__name__}")

    return rule


def part(kind: type) -> Rule:
    """Accept exactly this record type."""

    def rule(value: object, where: str) -> Json:
        if type(value) is kind:
            return encode(value, where)
        raise refuse(where, f"found {_named(value)}, expected a {kind.__name__}")

    return rule


def optional(rule: Rule) -> Rule:
    """Accept None too."""
    return lambda value, where: None if value is None else rule(value, where)


def several(rule: Rule) -> Rule:
    """Accept a tuple whose every item follows the rule."""

    def each(value: object, where: str) -> Json:
        if type(value) is not tuple:
            raise refuse(where, f"found {_named(value)}, expected a tuple")
        return [rule(item, f"{where}[{place}]") for place, item in enumerate(value)]

    return each


def mapping(key: Callable[[object, str], str], rule: Rule) -> Rule:
    """Accept a mapping from texts that follow `key` to values that follow `rule`."""

    def each(value: object, where: str) -> Json:
        if not isinstance(value, Mapping):
            raise refuse(where, f"found {_named(value)}, expected a mapping")
        return {
            key(name, f"{where}: key {place + 1}"): rule(item, f'{where}["{name}"]')
            for place, (name, item) in enumerate(value.items())
        }

    return each


_number, _count = optional(number), optional(count)

RULES: Mapping[type, Mapping[str, Rule]] = {
    Publication: {
        "citation": texts.prose,
        "url": texts.link,
        "doi": texts.doi,
        "tables": texts.prose,
    },
    Protocol: {
        "dataset": texts.name,
        "case_set": texts.sha256,
        "cases": _count,
        "reference": texts.name,
        "reference_version": _count,
        "centre_bias": texts.name_or_none,
    },
    PluginFacts: {
        "kind": texts.key,
        "label": texts.name,
        "distribution": texts.name_or_none,
        "version": texts.version,
        "code_sha256": texts.sha256,
        "parameters": mapping(texts.key, texts.prose),
    },
    WeightFacts: {"seed": count, "sha256": texts.sha256, "trained_on": texts.prose},
    CostFacts: {
        "images": count,
        "seconds": number,
        "forward_passes": number,
        "backward_passes": number,
        "peak_memory_mb": _number,
    },
    GamingChecks: {
        "gain_over_centre_bias": _number,
        "gain_from_blur_and_bias": _number,
        "gain_beyond_bias": _number,
        "closest_reader_excess": _number,
    },
    EntryFacts: {
        "model": texts.name_or_none,
        "method": texts.name_or_none,
        "mixing": texts.name_or_none,
        "family": texts.name_or_none,
        "seeds": several(count),
        "plugins": several(part(PluginFacts)),
        "weights": several(part(WeightFacts)),
        "cost": optional(part(CostFacts)),
        "checks": optional(part(GamingChecks)),
    },
    RunFacts: {
        "command": texts.command,
        "config": mapping(texts.key, texts.prose),
        "versions": mapping(texts.key, texts.version),
        "hardware": texts.prose,
        "resamples": count,
        "seed": count,
    },
    Interval: {"low": number, "high": number},
    Cell: {
        "score": _number,
        "interval": optional(part(Interval)),
        "fraction": _number,
        "fraction_interval": optional(part(Interval)),
        "rank": _count,
        "ranks": optional(ranks),
        "tie_group": _count,
        "probability_best": _number,
        "like_a_reader": optional(one_of(Verdict)),
        "coverage": number,
        "n_images": count,
        "n_rows": count,
        "note": texts.prose,
        "fraction_note": texts.prose,
    },
    BoardRow: {
        "entry": texts.name,
        "kind": one_of(EntryKind),
        "rank": _count,
        "cells": mapping(texts.name, part(Cell)),
    },
    MetricColumn: {
        "name": texts.name,
        "title": texts.prose,
        "higher_is_better": truth,
        "chance": _number,
        "version": count,
        "of_network": truth,
    },
    SubsetBoard: {
        "name": texts.name,
        "n_images": count,
        "rows": several(part(BoardRow)),
        "note": texts.prose,
    },
    Board: {
        "dataset": texts.name,
        "metrics": several(part(MetricColumn)),
        "rank_by": texts.name,
        "interval": texts.prose,
        "differences": texts.prose,
        "margin": number,
        "reference": texts.name_or_none,
        "centre_bias": texts.name_or_none,
        "subsets": several(part(SubsetBoard)),
        "notices": several(texts.prose),
        "not_applicable": mapping(texts.name, texts.prose),
    },
    Record: {
        "name": texts.slug,
        "title": texts.prose,
        "origin": one_of(Origin),
        "is_restricted": truth,
        "protocol": part(Protocol),
        "board": part(Board),
        "entries": mapping(texts.name, part(EntryFacts)),
        "subset_sets": mapping(texts.name, texts.sha256),
        "suppressed": several(texts.name),
        "run": optional(part(RunFacts)),
        "publication": optional(part(Publication)),
        "case_scores": texts.sha256,
        "migrated_from": _count,
    },
}
