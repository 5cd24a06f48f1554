"""Scores that the network gives to a map, without any gaze: rows of the model metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch

from gazebench.attribution.attribute import attribute
from gazebench.attribution.explain import Explainer
from gazebench.attribution.mixing import mixed
from gazebench.attribution.unchanged import Unchanged
from gazebench.engine.attributing import Mixed, seeded
from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.keys import stable_integer
from gazebench.engine.plan import Explanation
from gazebench.errors import PluginError
from gazebench.registry.plugin import Plugin
from gazebench.scoring.evaluate import TOLERANCE, Outcome
from gazebench.spec.capabilities import why_not_applicable
from gazebench.spec.descriptors import ModelMetric
from gazebench.spec.geometry import Placement
from gazebench.spec.values import LoadedModel, Status

T = TypeVar("T")
Kept = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExplainedNetwork:
    """A model whose maps are scored, and what its metrics made once: `once_per_model`."""

    loaded: LoadedModel
    explainer: Explainer
    label: str
    seed: int
    unchanged: Unchanged
    kept: Kept = field(default_factory=dict)

    def left_alone(self, plugin: Plugin, found: T | Failure) -> T | Failure:
        """Return what a plugin found, or how it changed the network, which is put back."""
        changed = self.unchanged.put_back()
        if not changed:
            return found
        self.explainer.forget()
        if isinstance(found, Failure):
            return found
        return Failure(
            plugin=plugin.label,
            reason=f"{plugin.label} changed {changed}, which others explain too; it was put back",
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageOfNetwork:
    """An image on a network's canvas, and what metrics made once: `once_per_image`."""

    network: ExplainedNetwork
    case: str
    image: torch.Tensor
    placement: Placement
    kept: Kept = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapOfNetwork:
    """An entry's map of an image: implements `gazebench.spec.explaining.ExplainedImage`."""

    of: ImageOfNetwork
    explanation: Explanation
    saliency: torch.Tensor
    weights: torch.Tensor
    rng: np.random.Generator
    kept: Kept = field(default_factory=dict)

    @property
    def model(self) -> Explainer:
        """The network."""
        return self.of.network.explainer

    @property
    def image(self) -> torch.Tensor:
        """The network's input, [1, channels, H, W]."""
        return self.of.image

    @property
    def seen(self) -> torch.Tensor:
        """The pixels of the canvas that show the image, [H, W] booleans."""
        return seen_on_canvas(self.of.placement).to(self.image.device)

    def score(self, images: torch.Tensor) -> torch.Tensor:
        """Return the weighted mean of class probabilities for other inputs, [N]."""
        probabilities = self.model.probabilities(self.model.logits(images))
        return (probabilities * self.weights).sum(1) / self.weights.sum()

    def explain(self, module: torch.nn.Module) -> torch.Tensor:
        """Return the entry's map [H, W] of another network of this architecture."""
        network = self.of.network
        other = Explainer(
            replace(network.loaded, module=module), device=str(network.explainer.device)
        )
        classes = self.weights.nonzero()[:, 0].tolist()
        with seeded(stable_integer(f"{network.seed}/{self.explanation.method.label}")):
            found = attribute(self.explanation.method, other, self.image.clone(), classes)
        if found.class_free:
            return enlarged(found.maps, self.image)[0]
        return enlarged(mixed(found.maps, self.weights[None, classes]), self.image)[0]

    def once_per_map(self, key: str, make: Callable[[], T]) -> T:
        """Return what `make` makes, made once for this map by whichever metric comes first."""
        return _once(self.kept, key, make)

    def once_per_image(self, key: str, make: Callable[[], T]) -> T:
        """Return what `make` makes, made once for this image."""
        return _once(self.of.kept, key, make)

    def once_per_model(self, key: str, make: Callable[[], T]) -> T:
        """Return what `make` makes, made once for this model."""
        return _once(self.of.network.kept, key, make)


class NetworkScore(NamedTuple):
    """What a model metric says of an entry's map of an image, or why it says nothing."""

    metric: str
    outcome: Outcome
    failure: Failure | None = None


def enlarged(maps: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """Return maps [B, h, w] on the canvas of an image [1, channels, H, W], bilinear."""
    size = tuple(image.shape[-2:])
    if tuple(maps.shape[-2:]) == size:
        return maps.float()
    return torch.nn.functional.interpolate(
        maps[:, None].float(), size, mode="bilinear", align_corners=False
    )[:, 0]


def seen_on_canvas(placement: Placement) -> torch.Tensor:
    """Return the pixels of a canvas that show the image, [H, W] booleans.

    >>> from gazebench.spec.values import Size
    >>> seen_on_canvas(Placement(Size(1, 3), 1, -1, Size(2, 3))).int().tolist()
    [[0, 0, 0], [1, 1, 0]]
    """
    seen = torch.zeros(tuple(placement.canvas), dtype=torch.bool)
    bottom, right = placement.top + placement.scaled.height, placement.left + placement.scaled.width
    seen[max(placement.top, 0) : max(bottom, 0), max(placement.left, 0) : max(right, 0)] = True
    return seen


def network_scores(
    metrics: Sequence[Plugin],
    of: ImageOfNetwork,
    explanation: Explanation,
    made: Mixed | Failure,
    row: int,
) -> Iterator[NetworkScore]:
    """Yield what every model metric says of an entry's map of one image.

    `row` is the image's place in the batch that `made` belongs to.
    """
    kept: Kept = {}
    for metric in metrics:
        found = _refused(metric, of, made) or _scored(metric, of, explanation, made, row, kept)
        if isinstance(found, Failure):
            outcome = Outcome(value=None, status=found.status, reason=found.reason)
            yield NetworkScore(metric.label, outcome, found)
        else:
            yield NetworkScore(metric.label, found)


def _refused(metric: Plugin, of: ImageOfNetwork, made: Mixed | Failure) -> Outcome | None:
    descriptor = metric.descriptor
    assert isinstance(descriptor, ModelMetric)
    network = of.network
    lacking = why_not_applicable(
        descriptor.model_needs, network.loaded.provides, provider=network.label
    )
    if lacking:
        return Outcome(value=None, status=Status.NOT_APPLICABLE, reason=lacking)
    if isinstance(made, Failure):
        return Outcome(value=None, status=made.status, reason=made.reason)
    return None


def _scored(
    metric: Plugin,
    of: ImageOfNetwork,
    explanation: Explanation,
    made: Mixed | Failure,
    row: int,
    kept: Kept,
) -> Outcome | Failure:
    assert isinstance(made, Mixed)
    saliency = enlarged(made.maps[row : row + 1], of.image)[0]
    if not saliency.isfinite().all():
        return Outcome(value=None, status=Status.NONFINITE, reason="the map is not finite")
    network = of.network
    seed = [network.seed, *map(stable_integer, (metric.label, network.label, of.case))]
    explained = MapOfNetwork(
        of=replace(of, image=of.image.clone()),  # what one metric does to it is no other's business
        explanation=explanation,
        saliency=saliency.clone(),
        weights=made.weights[row],
        rng=np.random.default_rng(seed),
        kept=kept,
    )
    about = f"{explanation.stem}, seed {network.seed}, case {of.case}"
    found = guarded(metric, about, _checked, metric, explained)
    return network.left_alone(metric, found)


def _checked(metric: Plugin, explained: MapOfNetwork) -> Outcome:
    descriptor = metric.descriptor
    assert isinstance(descriptor, ModelMetric)
    value = float(metric.call(explained))
    if math.isnan(value):
        reason = f"{descriptor.title}: the formula has no value here"
        return Outcome(value=None, status=Status.UNDEFINED, reason=reason)
    low, high = descriptor.range
    if math.isinf(value) or not low - TOLERANCE <= value <= high + TOLERANCE:
        raise PluginError(
            f"the metric {metric.label} returned {value:g}, outside its declared range "
            f"[{low:g}, {high:g}]",
            do=f"correct {metric.origin} or its declared range",
        )
    return Outcome(value=value)


def _once(kept: Kept, key: str, make: Callable[[], T]) -> T:
    if key not in kept:
        kept[key] = make()
    found: T = kept[key]
    return found
