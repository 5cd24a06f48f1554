"""How far a run is, told event by event: cases that are scored, maps that are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from gazebench.engine.columns import Keyed
from gazebench.engine.plan import Plan
from gazebench.engine.shards import Shard
from gazebench.spec.events import Event, MapsMade, StageAdvanced

Report = Callable[[Event], None]


class Count:
    """Counts cases and maps, and reports each.

    Maps are made on one thread and scored on another; whoever hears of them hears one at a time.
    """

    def __init__(self, report: Report, *, cases: int, maps: Mapping[str, int]) -> None:
        """Count to so many `cases`, and so many `maps` of every model's method."""
        self._report, self._cases, self._total = report, 0, cases
        self._maps: Counter[str] = Counter()
        self._totals = dict(maps)
        self._lock = Lock()

    def case(self, cases: int = 1) -> None:
        """Count cases that are scored."""
        for _ in range(cases):
            self._cases += 1
            self._tell(StageAdvanced(stage="scoring", done=self._cases, total=self._total))

    def maps(self, explained: str, images: int) -> None:
        """Count images that a method has explained; more than were expected do not count."""
        total = self._totals.get(explained, 0)
        self._maps[explained] = done = min(self._maps[explained] + images, total)
        if images and total:
            self._tell(MapsMade(explained=explained, done=done, total=total))

    def _tell(self, event: Event) -> None:
        with self._lock:
            self._report(event)


def maps_to_make(
    plan: Plan, shards: Sequence[Shard], missing: Mapping[int, Sequence[Keyed]]
) -> dict[str, int]:
    """Return how many images every model's method is to explain, once per seed."""
    stems = {entry: e.stem for e in plan.explanations for entry in e.entries}
    stems |= {plugin.label: plugin.label for plugin in plan.image_methods}
    found: Counter[str] = Counter()
    for shard in shards:
        columns = (keyed.column for keyed in missing[shard.index])
        wanted = {(stems[c.entry], c.seed) for c in columns if c.entry in stems}
        images = sum(case.has_image for case in shard.cases)
        for stem, _ in sorted(wanted):
            found[stem] += images
    return dict(found)
