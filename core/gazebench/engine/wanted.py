"""What of a shard has to be made: everything, or what no cache has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gazebench.engine.plan import Plan
from gazebench.registry.plugin import Plugin

CHECKS = "#checks"  # the gaming checks, kept as scores are; no metric can be called so


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """The entries, seeds and metrics that a task is to score.

    Attributes:
        missing: (entry, seed) -> the labels of metrics; None for everything.
    """

    plan: Plan
    missing: dict[tuple[str, int], set[str]] | None = field(default=None)

    @classmethod
    def of(cls, plan: Plan, columns: Iterable[tuple[str, int, str]]) -> Wanted:
        """Return what is wanted where only some columns are missing: (entry, seed, metric)."""
        missing: dict[tuple[str, int], set[str]] = {}
        for entry, seed, metric in columns:
            missing.setdefault((entry, seed), set()).add(metric)
        return cls(plan=plan, missing=missing)

    def without(self, maps: Iterable[tuple[str, int]]) -> Wanted:
        """Return what is wanted beside some entries, where only some columns are missing."""
        assert self.missing is not None
        dropped = set(maps)
        rest = {one: metrics for one, metrics in self.missing.items() if one not in dropped}
        return Wanted(plan=self.plan, missing=rest)

    def map_of(self, entry: str, seed: int) -> bool:
        """Whether anything is wanted of an entry's maps."""
        return self.missing is None or (entry, seed) in self.missing

    def gaze_metrics(self, entry: str, seed: int) -> tuple[Plugin, ...]:
        """Return the metrics that are to compare an entry with gaze."""
        return self._among(self.plan.gaze_metrics, entry, seed)

    def model_metrics(self, entry: str, seed: int) -> tuple[Plugin, ...]:
        """Return the metrics that are to ask the network about an entry."""
        return self._among(self.plan.model_metrics, entry, seed)

    def checks(self, entry: str, seed: int) -> bool:
        """Whether the gaming checks of an entry are to be measured."""
        return self.missing is None or CHECKS in self.missing.get((entry, seed), ())

    def _among(self, metrics: tuple[Plugin, ...], entry: str, seed: int) -> tuple[Plugin, ...]:
        if self.missing is None:
            return metrics
        labels = self.missing.get((entry, seed), set())
        return tuple(metric for metric in metrics if metric.label in labels)
