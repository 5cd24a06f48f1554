"""Every entry's maps of a few cases: kept ones, else decoded once and explained by every model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from gazebench.engine.barrier import Failure
from gazebench.engine.costs import Meter, Spent
from gazebench.engine.map_store import MapStore
from gazebench.engine.maps import (
    Attributed,
    BornMap,
    MapKey,
    Pixels,
    SeededModel,
    UnreadMap,
    explained_maps,
    image_method_maps,
    stored_maps,
)
from gazebench.engine.opening import OpenedRun
from gazebench.engine.pixels import pixels_of
from gazebench.engine.shards import Shard
from gazebench.engine.wanted import Wanted
from gazebench.spec.values import Case

OnMaps = Callable[[str, int], None]  # a model's method, and images that it explained now
MapKeys = Mapping[tuple[str, int], str]  # entry and seed -> what makes the map, as one key
NO_PIXELS = Failure(plugin="", reason="the dataset has no pixels of this image")


class MapMaker:
    """Makes the maps of an opened run, shard by shard, and knows what they cost."""

    def __init__(
        self,
        opened: OpenedRun,
        timed: Callable[[str], AbstractContextManager[None]],
        store: MapStore,
    ) -> None:
        """Make maps for a run; `timed` measures a stage; maps that are in `store` are not made."""
        self._opened = opened
        self._store = store
        self._timed = timed
        self._own = frozenset(opened.plan.explained)
        self._meters = {plugin.label: Meter() for plugin in opened.plan.image_methods}

    def maps(
        self,
        shard: Shard,
        wanted: Wanted,
        keys: MapKeys,
        on_maps: OnMaps = lambda _what, _images: None,
    ) -> dict[str, list[Attributed]]:
        """Return the maps that are wanted of every case of a shard, by case.

        `on_maps` hears of every batch that is explained.

        Raises:
            DataError: an image is missing or unreadable.
            RunError: maps are to be kept, and their folder cannot be written.
        """
        kept = list(self._kept(shard, wanted, keys))
        rest = wanted.without((one.key.entry, one.key.seed) for one in kept)
        seen = [case for case in shard.cases if case.has_image]
        made = list(self._made(seen, rest, on_maps))
        blind = (case for case in shard.cases if not case.has_image)
        made += [Attributed(key, NO_PIXELS) for case in blind for key in self._keys(case)]
        if self._opened.config.keep_maps:
            self._keep(shard, made, keys)
        stored = (one for case in shard.cases for one in self._stored(case))
        by_case: dict[str, list[Attributed]] = {case.id: [] for case in shard.cases}
        for one in (*kept, *(o for o in made if rest.map_of(o.key.entry, o.key.seed)), *stored):
            if wanted.map_of(one.key.entry, one.key.seed):
                by_case[one.key.case].append(one)
        return by_case

    def _stored(self, case: Case) -> Iterator[Attributed]:
        kept = self._opened.kept
        return stored_maps(self._opened.plan.stored, case, kept.failures if kept else {})

    def _kept(self, shard: Shard, wanted: Wanted, keys: MapKeys) -> Iterator[Attributed]:
        """Yield maps that are kept; what needs the network itself is made anew."""
        for (entry, seed), key in keys.items():
            if entry not in self._own or wanted.model_metrics(entry, seed):
                continue
            kept = self._store.of(shard.key, key)
            if kept is None:
                continue
            for case, stored in kept.maps.items():
                yield Attributed(MapKey(entry, seed, case), UnreadMap(stored))
            for case, why in kept.failures.items():
                yield Attributed(MapKey(entry, seed, case), why)

    def _keep(self, shard: Shard, made: Sequence[Attributed], keys: MapKeys) -> None:
        found: dict[str, dict[str, BornMap | Failure]] = {}
        for one in made:
            key = keys.get((one.key.entry, one.key.seed))
            if key is not None and not isinstance(one.made, UnreadMap):
                found.setdefault(key, {})[one.key.case] = one.made
        for key, of_case in found.items():
            self._store.add(shard.key, key, of_case)

    def take_spent(self) -> dict[tuple[str, int], Spent]:
        """Return what every entry's maps have cost since the last time, by entry and seed."""
        found = {
            (entry, model.seed): spent
            for model in self._opened.models
            for entry, spent in model.take_spent()
        }
        found |= {(label, 0): meter.take() for label, meter in self._meters.items()}
        return {key: spent for key, spent in found.items() if spent.images}

    def _made(self, cases: Sequence[Case], wanted: Wanted, on_maps: OnMaps) -> Iterator[Attributed]:
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
                    model,
                    cases,
                    images,
                    batch=opened.config.images_at_once,
                    wanted=wanted,
                    on_maps=on_maps,
                )
            for plugin in plugins:
                yield from image_method_maps(plugin, cases, images, self._meters[plugin.label])
                on_maps(plugin.label, len(cases))

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
