"""The maps of a few cases at a time, at whatever resolution they are born with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench.attribution.explain import Explainer
from gazebench.attribution.mixing import PRESENT
from gazebench.attribution.prepare import group_by_canvas, network_input
from gazebench.attribution.project import to_image, upsampling
from gazebench.attribution.unchanged import Unchanged
from gazebench.engine.attributing import Mixed, mixed_maps
from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.config import FULL
from gazebench.engine.costs import Meter, Spent
from gazebench.engine.labels import Labels, label_notice, present_classes
from gazebench.engine.network_scores import (
    ExplainedNetwork,
    ImageOfNetwork,
    NetworkScore,
    network_scores,
)
from gazebench.engine.plan import Explanation
from gazebench.engine.wanted import Wanted
from gazebench.errors import DataError, RunError
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap, resize
from gazebench.precomputed.values import StoredEntry, StoredMap, Which
from gazebench.registry.plugin import Plugin
from gazebench.spec.geometry import Placement
from gazebench.spec.values import Case, LoadedModel, Size, Status

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
NO_MAP = Failure(plugin="", reason="no map of this case was given", status=Status.MISSING)


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
        return _upsampling(Size(*self.values.shape), self.placement, size)


@dataclass(frozen=True, slots=True, eq=False)
class UnreadMap:
    """A map that stays on disk until it is scored."""

    stored: StoredMap

    @property
    def geometry(self) -> Hashable:
        """What maps share that are upsampled in the same way."""
        return tuple(self.stored.shape), self.stored.placement

    def upsampling(self, size: Size) -> Upsampling | None:
        """Return how the map is stretched over the image, where that is linear and is needed."""
        return _upsampling(self.stored.shape, self.stored.placement, size)

    def read(self) -> BornMap | Failure:
        """Read the map; a file that holds no map any more costs this one map.

        Raises:
            RunError: the run kept the map itself, and the file was damaged since, or the system
                did not give the file, which says nothing about the map.
        """
        try:
            return BornMap(values=self.stored.values(), placement=self.stored.placement)
        except DataError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno is not None:
                raise RunError(
                    error.message,
                    do="see whether the file is there and may be read; what is recorded is kept, "
                    "and the same command goes on",
                ) from error
            return Failure(plugin="", reason=error.message)


def stored_maps(
    entries: Sequence[StoredEntry],
    case: Case,
    failures: Mapping[str, Mapping[Which, Failure]],
) -> Iterator[Attributed]:
    """Yield the maps of a case that are on disk, unread; `failures` say why there is none."""
    for entry in entries:
        for seed in entry.seeds:
            which = Which(seed, case.id)
            stored = entry.maps.get(which)
            made = failures.get(entry.name, {}).get(which, NO_MAP)
            key = MapKey(entry.name, seed, case.id)
            yield Attributed(key, made if stored is None else UnreadMap(stored))


def _upsampling(shape: Size, placement: Placement | None, size: Size) -> Upsampling | None:
    height, width = shape
    if placement is not None:
        return upsampling((height, width), placement, size)
    if shape == size:
        return None
    rows, columns = AxisMap.resizing(size.height, height), AxisMap.resizing(size.width, width)
    return Upsampling(rows, columns)


@dataclass(slots=True, kw_only=True, eq=False)
class Room:
    """What a device holds of a model's batches.

    Attributes:
        precision: of the network's arithmetic; everything after it is in float32.
        most: images per batch; None until memory was short.
    """

    precision: str = FULL
    most: int | None = None

    def batch(self, asked: int) -> int:
        """Return how many images to explain at once."""
        return asked if self.most is None else min(asked, self.most)

    def shrink(self, images: int, device: torch.device) -> None:
        """Remember that so many images are too many."""
        self.most = max(images // 2, 1)
        if device.type == "cuda":
            torch.cuda.empty_cache()

    def arithmetic(self, device: torch.device) -> AbstractContextManager[object]:
        """Let a network compute in the precision that is asked for."""
        if self.precision == FULL:
            return nullcontext()
        return torch.autocast(device.type, dtype=getattr(torch, self.precision))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeededModel:
    """A model loaded for one seed, with the methods that explain it and what each costs."""

    loaded: LoadedModel
    explainer: Explainer
    explanations: tuple[Explanation, ...]
    seed: int
    meters: Mapping[str, Meter]
    network: ExplainedNetwork
    matches: Labels
    room: Room

    @classmethod
    def of(
        cls,
        loaded: LoadedModel,
        explanations: Sequence[Explanation],
        *,
        seed: int,
        device: str,
        matches: Labels | None = None,
        precision: str = FULL,
    ) -> SeededModel:
        """Return a model on its device; all explanations are of this model.

        `matches`: the findings of the dataset that its classes stand for.
        """
        explainer = Explainer(loaded, device=device)
        label = explanations[0].model.label
        return cls(
            loaded=loaded,
            explainer=explainer,
            explanations=tuple(explanations),
            seed=seed,
            meters={e.method.label: Meter(explainer.device) for e in explanations},
            network=ExplainedNetwork(
                loaded=loaded,
                explainer=explainer,
                label=label,
                seed=seed,
                unchanged=Unchanged(explainer.module),
            ),
            matches=matches or {},
            room=Room(precision=precision),
        )

    def present(self, cases: Sequence[Case]) -> torch.Tensor:
        """Return which classes the readers agree are present, [B, C] booleans, on the device."""
        names = self.loaded.class_names
        return present_classes(cases, names, self.matches).to(self.explainer.device)

    def label_notices(self) -> Iterator[str]:
        """Say which classes never count in the mixing `present`, where it is asked for."""
        if any(m.name == PRESENT for e in self.explanations for m in e.mixings):
            names = self.loaded.class_names
            notice = label_notice(self.network.label, names, self.matches)
            if notice:
                yield notice

    def take_spent(self) -> Iterator[tuple[str, Spent]]:
        """Yield what every entry's maps have cost since the last time."""
        for explanation in self.explanations:
            spent = self.meters[explanation.method.label].take()
            for entry in explanation.entries:
                yield entry, spent


class Shown(NamedTuple):
    """A batch that a network is shown: inputs [B, channels, H, W], and which classes are present.

    `present` is what the readers agree on, [B, C] booleans.
    """

    inputs: torch.Tensor
    images: Sequence[ImageOfNetwork]
    present: torch.Tensor

    def parts(self, images: int) -> Iterator[Shown]:
        """Yield the same images, so many at a time."""
        for start in range(0, len(self.images), images):
            some = slice(start, start + images)
            yield Shown(self.inputs[some], self.images[some], self.present[some])


class Attributed(NamedTuple):
    """An entry's map of a case, or why there is none, and what model metrics say of it."""

    key: MapKey
    made: BornMap | UnreadMap | Failure
    scores: Sequence[NetworkScore] = ()


def explained_maps(
    model: SeededModel,
    cases: Sequence[Case],
    images: Mapping[str, Pixels],
    *,
    batch: int,
    wanted: Wanted,
    on_maps: Callable[[str, int], None] = lambda _what, _images: None,
) -> Iterator[Attributed]:
    """Yield the maps that are wanted of one model for the cases given, judged by model metrics.

    `on_maps` hears of every batch that a method explained.
    """
    preprocessing = model.loaded.preprocessing
    placements = [preprocessing.geometry.place(case.size) for case in cases]
    for group in group_by_canvas(placements, batch=model.room.batch(batch)):
        inputs = _on_device(
            torch.stack([network_input(images[cases[i].id], preprocessing) for i in group]),
            model.explainer.device,
        )
        shown = [
            ImageOfNetwork(
                network=model.network,
                case=cases[index].id,
                image=inputs[row : row + 1],
                placement=placements[index],
            )
            for row, index in enumerate(group)
        ]
        present = model.present([cases[index] for index in group])
        for explanation in model.explanations:
            if any(wanted.map_of(entry, model.seed) for entry in explanation.entries):
                yield from _explained(model, explanation, Shown(inputs, shown, present), wanted)
                on_maps(explanation.stem, len(group))


def _explained(
    model: SeededModel, explanation: Explanation, batch: Shown, wanted: Wanted
) -> Iterator[Attributed]:
    made = _made(model, explanation, batch)
    if isinstance(made, Failure) and made.status is Status.FAILED and len(batch.images) > 1:
        # An image that a method cannot explain costs its own map, not those of its batch; where
        # memory is short, half as many images may fit.
        size = 1
        if made.is_memory:
            model.room.shrink(len(batch.images), model.explainer.device)
            size = model.room.batch(len(batch.images))
        for part in batch.parts(size):
            yield from _explained(model, explanation, part, wanted)
        return
    for number, entry in enumerate(explanation.entries):
        if not wanted.map_of(entry, model.seed):
            continue
        metrics = wanted.model_metrics(entry, model.seed)
        mixed = made if isinstance(made, Failure) else made[number]
        arrays = () if isinstance(mixed, Failure) else mixed.maps.cpu().numpy()
        for row, image in enumerate(batch.images):
            born = (
                mixed
                if isinstance(mixed, Failure)
                else BornMap(values=arrays[row], placement=image.placement)
            )
            scores = network_scores(metrics, image, explanation, mixed, row)
            yield Attributed(MapKey(entry, model.seed, image.case), born, tuple(scores))


def _on_device(inputs: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Move a batch; to a GPU by pinned memory, while the processor goes on."""
    if device.type != "cuda":
        return inputs.to(device)
    return inputs.pin_memory().to(device, non_blocking=True, memory_format=torch.channels_last)


def _made(model: SeededModel, explanation: Explanation, batch: Shown) -> list[Mixed] | Failure:
    meter = model.meters[explanation.method.label]
    names = ", ".join(image.case for image in batch.images)
    device = model.explainer.device
    with meter.measure(len(batch.inputs), model.explainer.module), model.room.arithmetic(device):
        made = guarded(
            explanation.method,
            f"{model.network.label}, seed {model.seed}, cases {names}",
            mixed_maps,
            explanation,
            model.explainer,
            batch.inputs,
            [image.case for image in batch.images],
            seed=model.seed,
            present=batch.present,
        )
    return model.network.left_alone(explanation.method, made)


def image_method_maps(
    plugin: Plugin, cases: Sequence[Case], images: Mapping[str, Pixels], meter: Meter
) -> Iterator[Attributed]:
    """Yield the maps of a method that needs no model, one a case."""
    for case in cases:
        grey = as_grey(images[case.id])
        with meter.measure(1):
            made = guarded(plugin, f"case {case.id}", _one_map, plugin, grey)
        born = made if isinstance(made, Failure) else BornMap(values=made, placement=None)
        yield Attributed(MapKey(plugin.label, 0, case.id), born)


def as_grey(image: Pixels) -> NDArray[np.float32]:
    """Return [H, W] in [0, 1]; colour by the luma weights of ITU-R BT.601."""
    scaled = image.astype(np.float32) / np.float32(np.iinfo(image.dtype).max)
    if scaled.ndim == 2:
        return scaled
    return scaled @ np.array([0.299, 0.587, 0.114], np.float32)


def _one_map(plugin: Plugin, grey: NDArray[np.float32]) -> NDArray[np.float32]:
    array = np.asarray(plugin.call(grey))
    if array.ndim != 2 or array.dtype.kind not in "fiu" or not array.size:
        raise TypeError(
            f"{plugin.label} returned {array.dtype} of shape {array.shape}, expected one map [h, w]"
        )
    return array.astype(np.float32)
