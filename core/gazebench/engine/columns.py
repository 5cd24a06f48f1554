"""What a score depends on, as content: one key per entry, seed and metric.

A column is everything that one entry, with one seed, scores on one metric, whatever the case. Its
key covers the code, parameters and weights that make the number; the cases are keyed apart (see
`gazebench.engine.shards`). What cannot be keyed is never taken from a cache: a stale hit is worse
than a miss.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from gazebench.engine.config import FULL, RunConfig
from gazebench.engine.keys import content_key
from gazebench.engine.maps import SeededModel
from gazebench.engine.opening import OpenedRun
from gazebench.engine.plan import Explanation
from gazebench.engine.source import harness_hash
from gazebench.engine.wanted import CHECKS
from gazebench.precomputed.values import StoredEntry
from gazebench.registry.plugin import Plugin
from gazebench.spec.capabilities import CENTRE_BIAS, OTHER_FIXATIONS
from gazebench.spec.descriptors import Floor, Metric
from gazebench.spec.values import INTEROBSERVER, EntryKind

NUMBERS = ("numpy", "scipy", "numba", "torch")  # libraries whose release may move a last digit
DIGITS = 16  # of a key: enough for 10^9 columns

Parts = Mapping[str, str]


class Column(NamedTuple):
    """One entry, with one seed, on one metric."""

    entry: str
    kind: EntryKind
    seed: int
    metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A column and what it depends on, by name.

    Attributes:
        parts: component -> its content; None where some of it is not known.
        why_not: what is not known.
        key: a digest of the parts; of the column and the run alone where there are none.
        map_key: the same of what makes the map, whatever the metric.
    """

    column: Column
    parts: Parts | None
    why_not: str
    key: str
    map_key: str


class Columns:
    """Every column of an opened run, in the order of its score table."""

    def __init__(self, opened: OpenedRun, *, scored: str, session: str) -> None:
        """Key the columns of a run.

        `scored` stands for the set of cases that are scored; `session` is known to this run alone,
        and keys what must not outlive it.
        """
        self._opened, self._scored, self._session = opened, scored, session
        self.all = tuple(self._keyed())

    @cached_property
    def by_key(self) -> Mapping[str, int]:
        """Key -> place in the order."""
        return {one.key: place for place, one in enumerate(self.all)}

    def _keyed(self) -> Iterator[Keyed]:
        opened = self._opened
        metrics = opened.plan.gaze_metrics
        yield from self._of(INTEROBSERVER, EntryKind.CEILING, 0, {}, metrics, check=True)
        for plugin in opened.plan.floors:
            parts = {**_code("floor", plugin), "cases": self._scored, **self._bias()}
            parts["seed"] = str(opened.config.seeds[0])
            yield from self._of(plugin.label, EntryKind.FLOOR, 0, parts, metrics)
        models = {(m.explanations[0].model.label, m.seed): m for m in opened.models}
        for explanation in opened.plan.explanations:
            for number, entry in enumerate(explanation.entries):
                for seed in opened.config.seeds:
                    model = models[explanation.model.label, seed]
                    parts = _explained(explanation, number, model, opened.config)
                    judged = (*metrics, *opened.plan.model_metrics)
                    yield from self._of(entry, EntryKind.ENTRY, seed, parts, judged, check=True)
        for plugin in opened.plan.image_methods:
            parts = _code("method", plugin)
            yield from self._of(plugin.label, EntryKind.ENTRY, 0, parts, metrics, check=True)
        for stored in opened.plan.stored:
            for seed in stored.seeds:
                parts = {"maps": _content(stored)}
                yield from self._of(stored.name, EntryKind.ENTRY, seed, parts, metrics, check=True)

    def _of(
        self,
        entry: str,
        kind: EntryKind,
        seed: int,
        of_map: Mapping[str, str | None],
        metrics: Sequence[Plugin],
        *,
        check: bool = False,
    ) -> Iterator[Keyed]:
        map_parts = {**self._everywhere, **of_map}
        map_key = self._digest(Column(entry, kind, seed, ""), map_parts)
        for plugin in metrics:
            column = Column(entry, kind, seed, plugin.label)
            parts = {**map_parts, **_code("metric", plugin), **self._needs(plugin)}
            yield self._one(column, parts, map_key)
        if check and self.has_checks:
            yield self._one(
                Column(entry, kind, seed, CHECKS), {**map_parts, **self._bias()}, map_key
            )

    @cached_property
    def has_checks(self) -> bool:
        """Whether gaming checks are measured: where something needs the centre bias anyway."""
        return CENTRE_BIAS in needs_of(self._opened)

    def _one(self, column: Column, parts: Mapping[str, str | None], map_key: str) -> Keyed:
        unknown = [name for name, content in parts.items() if content is None]
        return Keyed(
            column=column,
            parts=None if unknown else {k: str(v) for k, v in parts.items()},
            why_not=f"nobody knows the content of: {', '.join(unknown)}" if unknown else "",
            key=self._digest(column, parts),
            map_key=map_key,
        )

    def _digest(self, column: Column, parts: Mapping[str, str | None]) -> str:
        if any(content is None for content in parts.values()):
            return content_key([self._session, *column])[:DIGITS]
        return content_key([list(column), dict(parts)])[:DIGITS]

    @cached_property
    def _everywhere(self) -> Mapping[str, str | None]:
        opened = self._opened
        return {
            "harness": harness_hash(),
            "libraries": _libraries(),
            "device": _device(opened.config),
            "dataset": opened.plugin.code_hash,
            "dataset content": opened.dataset.fingerprint(),
            "reference": _joined(opened.reference),
        }

    def _bias(self) -> Mapping[str, str]:
        return {"centre bias": self._opened.config.centre_bias}

    def _needs(self, plugin: Plugin) -> Mapping[str, str]:
        """Say what a metric needs of the whole dataset; its content is in the fingerprint."""
        assert isinstance(plugin.descriptor, Metric)
        needs = plugin.descriptor.needs
        return self._bias() if {CENTRE_BIAS, OTHER_FIXATIONS} & needs else {}


def needs_of(opened: OpenedRun) -> frozenset[str]:
    """Return what metrics and floors need of every case."""
    descriptors = [p.descriptor for p in (*opened.plan.gaze_metrics, *opened.plan.floors)]
    return frozenset(n for d in descriptors if isinstance(d, Metric | Floor) for n in d.needs)


def _explained(
    explanation: Explanation, number: int, model: SeededModel, config: RunConfig
) -> dict[str, str | None]:
    mixing = str(explanation.mixings[number]) if explanation.mixings else ""
    return {
        **_code("model", explanation.model),
        **_code("method", explanation.method),
        "weights": model.loaded.weights.sha256 or None,
        "mixing": mixing,
        "labels": content_key(sorted(_labels(config, model))),
        "seed": str(model.seed),
    }


def _labels(config: RunConfig, model: SeededModel) -> Iterator[tuple[str, str]]:
    """Yield which findings each class stands for, as far as a mixing may ask."""
    for name, findings in model.matches.items():
        yield name, " ".join(sorted(map(str, findings)))
    for name, finding in config.labels.items():
        yield f"given {name}", finding


def _code(role: str, plugin: Plugin) -> dict[str, str | None]:
    return {role: _joined(plugin)}


def _joined(plugin: Plugin) -> str | None:
    """Return a plugin's name, parameters and code as one text; None where its code is unknown."""
    if plugin.code_hash is None:
        return None
    parameters = ",".join(f"{k}={v}" for k, v in sorted(plugin.parameters.items()))
    version = getattr(plugin.descriptor, "version", "")
    return f"{plugin.label} [{parameters}] {version} code {plugin.code_hash}"


def _content(entry: StoredEntry) -> str:
    return content_key({"files": dict(entry.files), "declared": entry.about})


def _device(config: RunConfig) -> str:
    kind = config.device.partition(":")[0]
    return kind if config.precision == FULL else f"{kind} in {config.precision}"


def _libraries() -> str:
    return " ".join(f"{name} {importlib.metadata.version(name)}" for name in NUMBERS)
