"""The maps of a few cases at a time, at whatever resolution they are born with."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench.attribution.attribute import attribute
from gazebench.attribution.explain import Explainer
from gazebench.attribution.mixing import mix
from gazebench.attribution.prepare import group_by_canvas, network_input
from gazebench.attribution.project import to_image, upsampling
from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.plan import Explanation
from gazebench.errors import PluginError
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap, resize
from gazebench.registry.plugin import Plugin
from gazebench.spec.geometry import Placement
from gazebench.spec.values import Case, LoadedModel, Size

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class MapKey(NamedTuple):
    """Which entry's map, of which case and seed."""

    entry: str
    seed: int
    case: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BornMap:
    """A map as its method returned it, mixed but not yet in image pixels.

    `placement` is None for a map that covers the image itself rather than a network canvas.
    """

    values: NDArray[np.float32]
    placement: Placement | None

    @property
    def geometry(self) -> Hashable:
        """What maps share that are upsampled in the same way."""
        return self.values.shape, self.placement

    def in_image(self, size: Size) -> NDArray[np.float32]:
        """Return the map in image pixels, [H, W]."""
        if self.placement is not None:
            return to_image(self.values, self.placement, size)
        if self.values.shape == tuple(size):
            return self.values
        return resize(self.values, size)

    def upsampling(self, size: Size) -> Upsampling | None:
        """Return how the map is stretched over the image, where that is linear and is needed."""
        height, width = self.values.shape
        if self.placement is not None:
            return upsampling((height, width), self.placement, size)
        if self.values.shape == tuple(size):
            return None
        rows, columns = AxisMap.resizing(size.height, height), AxisMap.resizing(size.width, width)
        return Upsampling(rows, columns)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeededModel:
    """A model loaded for one seed, with the methods that explain it."""

    loaded: LoadedModel
    explainer: Explainer
    explanations: tuple[Explanation, ...]
    seed: int


def explained_maps(
    model: SeededModel, cases: Sequence[Case], images: Mapping[str, Pixels], *, batch: int
) -> Iterator[tuple[MapKey, BornMap | Failure]]:
    """Yield the maps of every entry of one model for the cases given."""
    preprocessing = model.loaded.preprocessing
    placements = [preprocessing.geometry.place(case.size) for case in cases]
    for group in group_by_canvas(placements, batch=batch):
        inputs = torch.stack(
            [network_input(images[cases[index].id], preprocessing) for index in group]
        ).to(model.explainer.device)
        for explanation in model.explanations:
            made = guarded(explanation.method, _mixed, model, explanation, inputs)
            for number, entry in enumerate(explanation.entries):
                for row, index in enumerate(group):
                    key = MapKey(entry, model.seed, cases[index].id)
                    yield (
                        key,
                        made
                        if isinstance(made, Failure)
                        else BornMap(values=made[number][row], placement=placements[index]),
                    )


def image_method_maps(
    plugin: Plugin, cases: Sequence[Case], images: Mapping[str, Pixels]
) -> Iterator[tuple[MapKey, BornMap | Failure]]:
    """Yield the maps of a method that needs no model, one a case."""
    for case in cases:
        made = guarded(plugin, _one_map, plugin, as_grey(images[case.id]))
        yield (
            MapKey(plugin.label, 0, case.id),
            (made if isinstance(made, Failure) else BornMap(values=made, placement=None)),
        )


def as_grey(image: Pixels) -> NDArray[np.float32]:
    """Return [H, W] in [0, 1]; colour by the luma weights of ITU-R BT.601."""
    scaled = image.astype(np.float32) / np.float32(np.iinfo(image.dtype).max)
    if scaled.ndim == 2:
        return scaled
    return scaled @ np.array([0.299, 0.587, 0.114], np.float32)


def _mixed(
    model: SeededModel, explanation: Explanation, inputs: torch.Tensor
) -> list[NDArray[np.float32]]:
    """Return one [B, h, w] array per entry of the explanation."""
    own = inputs.clone()  # what one method does to its images is no other method's business
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(model.seed)
        found = attribute(explanation.method, model.explainer, own)
    if own._version:
        raise PluginError(
            f"the method {explanation.method.label} changes the images it is given",
            do=f"mend {explanation.method.origin}: work on a copy",
        )
    if not explanation.mixings:
        return [found.maps.float().cpu().numpy()]
    logits = model.explainer.logits(own)
    return [
        mix(found.maps, logits, mixing, model.explainer.class_names).float().cpu().numpy()
        for mixing in explanation.mixings
    ]


def _one_map(plugin: Plugin, grey: NDArray[np.float32]) -> NDArray[np.float32]:
    array = np.asarray(plugin.call(grey))
    if array.ndim != 2 or array.dtype.kind not in "fiu" or not array.size:
        raise TypeError(
            f"{plugin.label} returned {array.dtype} of shape {array.shape}, expected one map [h, w]"
        )
    return array.astype(np.float32)
