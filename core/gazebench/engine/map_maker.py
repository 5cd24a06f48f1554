"""Every entry's maps of a few cases: decoded once, explained by every model and method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from gazebench.engine.barrier import Failure
from gazebench.engine.costs import Meter, Spent
from gazebench.engine.maps import (
    Attributed,
    MapKey,
    Pixels,
    SeededModel,
    explained_maps,
    image_method_maps,
    stored_maps,
)
from gazebench.engine.opening import OpenedRun
from gazebench.engine.pixels import pixels_of
from gazebench.engine.wanted import Wanted
from gazebench.spec.values import Case

NO_PIXELS = Failure(plugin="", reason="the dataset has no pixels of this image")


class MapMaker:
    """Makes the maps of an opened run, shard by shard, and knows what they cost."""

    def __init__(
        self, opened: OpenedRun, timed: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        """Make maps for a run; `timed` measures a stage."""
        self._opened = opened
        self._timed = timed
        self._meters = {plugin.label: Meter() for plugin in opened.plan.image_methods}

    def maps(self, shard: Sequence[Case], wanted: Wanted) -> dict[str, list[Attributed]]:
        """Return the maps that are wanted of every case of a shard, by case.

        Raises:
            DataError: an image is missing or unreadable.
        """
        by_case: dict[str, list[Attributed]] = {case.id: [] for case in shard}
        for attributed in self._made([case for case in shard if case.has_image], wanted):
            by_case[attributed.key.case].append(attributed)
        for case in shard:
            found = by_case[case.id]
            if not case.has_image:
                found += [Attributed(key, NO_PIXELS) for key in self._keys(case)]
            found += stored_maps(self._opened.plan.stored, case)
            by_case[case.id] = [a for a in found if wanted.map_of(a.key.entry, a.key.seed)]
        return by_case

    def take_spent(self) -> dict[tuple[str, int], Spent]:
        """Return what every entry's maps have cost since the last time, by entry and seed."""
        found = {
            (entry, model.seed): spent
            for model in self._opened.models
            for entry, spent in model.take_spent()
        }
        found |= {(label, 0): meter.take() for label, meter in self._meters.items()}
        return {key: spent for key, spent in found.items() if spent.images}

    def _made(self, cases: Sequence[Case], wanted: Wanted) -> Iterator[Attributed]:
        opened = self._opened
        models = [model for model in opened.models if self._wants(model, wanted)]
        plugins = [p for p in opened.plan.image_methods if wanted.map_of(p.label, 0)]
        if not cases or not (models or plugins):
            return
        with self._timed("decoding"):
            images: dict[str, Pixels] = {case.id: pixels_of(opened, case) for case in cases}
        with self._timed("attribution"):
            for model in models:
                yield from explained_maps(
                    model, cases, images, batch=opened.config.batch, wanted=wanted
                )
            for plugin in plugins:
                yield from image_method_maps(plugin, cases, images, self._meters[plugin.label])

    @staticmethod
    def _wants(model: SeededModel, wanted: Wanted) -> bool:
        entries = (entry for e in model.explanations for entry in e.entries)
        return any(wanted.map_of(entry, model.seed) for entry in entries)

    def _keys(self, case: Case) -> Iterator[MapKey]:
        for model in self._opened.models:
            for explanation in model.explanations:
                for entry in explanation.entries:
                    yield MapKey(entry, model.seed, case.id)
        for plugin in self._opened.plan.image_methods:
            yield MapKey(plugin.label, 0, case.id)
