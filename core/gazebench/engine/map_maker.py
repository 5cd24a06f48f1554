"""Every entry's maps of a few cases: decoded once, explained by every model and method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import numpy as np

from gazebench.engine.barrier import Failure
from gazebench.engine.costs import Cost, Meter
from gazebench.engine.maps import (
    Attributed,
    MapKey,
    Pixels,
    explained_maps,
    image_method_maps,
    stored_maps,
)
from gazebench.engine.opening import OpenedRun
from gazebench.errors import PluginError
from gazebench.registry.asked import asked
from gazebench.spec.values import Case

PIXELS = (np.uint8, np.uint16)
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

    def maps(self, shard: Sequence[Case]) -> dict[str, list[Attributed]]:
        """Return every entry's map of every case of a shard, by case.

        Raises:
            DataError: an image is missing or unreadable.
        """
        by_case: dict[str, list[Attributed]] = {case.id: [] for case in shard}
        for attributed in self._made([case for case in shard if case.has_image]):
            by_case[attributed.key.case].append(attributed)
        for case in shard:
            if not case.has_image:
                by_case[case.id] = [Attributed(key, NO_PIXELS) for key in self._keys(case)]
            by_case[case.id] += stored_maps(self._opened.plan.stored, case)
        return by_case

    def costs(self) -> tuple[Cost, ...]:
        """Return what every entry's maps have cost so far."""
        of_models = [cost for model in self._opened.models for cost in model.costs()]
        return (*of_models, *(meter.cost(label, 0) for label, meter in self._meters.items()))

    def _made(self, cases: Sequence[Case]) -> Iterator[Attributed]:
        opened = self._opened
        if not cases or not (opened.models or opened.plan.image_methods):
            return
        with self._timed("decoding"):
            images: dict[str, Pixels] = {case.id: self._pixels(case) for case in cases}
        metrics = opened.plan.model_metrics
        with self._timed("attribution"):
            for model in opened.models:
                yield from explained_maps(
                    model, cases, images, batch=opened.config.batch, metrics=metrics
                )
            for plugin in opened.plan.image_methods:
                yield from image_method_maps(plugin, cases, images, self._meters[plugin.label])

    def _pixels(self, case: Case) -> Pixels:
        opened = self._opened
        about = f" for the image of case {case.id}"
        image = asked(opened.plugin, about, opened.dataset.image, case)
        is_stored = image.dtype in PIXELS and image.ndim in (2, 3)
        if is_stored and image.shape[:2] == tuple(case.size):
            return image
        raise PluginError(
            f"the dataset {opened.plugin.label} gave {image.dtype} of shape {image.shape} as the "
            f"image of case {case.id}, expected uint8 or uint16 of {tuple(case.size)} (height, "
            "width)",
            do=f"mend {opened.plugin.origin}, or check the data with `gazebench dataset validate`",
        )

    def _keys(self, case: Case) -> Iterator[MapKey]:
        for model in self._opened.models:
            for explanation in model.explanations:
                for entry in explanation.entries:
                    yield MapKey(entry, model.seed, case.id)
        for plugin in self._opened.plan.image_methods:
            yield MapKey(plugin.label, 0, case.id)
