"""The contract of metrics of the network: what they say of a map, without any gaze."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from gazebench.attribution.explain import Explainer
from gazebench.attribution.mixing import Mixing
from gazebench.attribution.unchanged import Unchanged
from gazebench.engine.network_scores import ExplainedNetwork, ImageOfNetwork, MapOfNetwork
from gazebench.engine.plan import Explanation
from gazebench.registry.plugin import Plugin
from gazebench.scoring.evaluate import TOLERANCE
from gazebench.spec.capabilities import GRADIENTS
from gazebench.spec.descriptors import Method, ModelMetric
from gazebench.spec.explaining import ExplainedModel
from gazebench.spec.geometry import Placement
from gazebench.testing.around import plugin_around
from gazebench.testing.findings import Check, NotApplicableHere, Violation, check
from gazebench.testing.networks import CANVAS, CLASSES, Architecture, fitting
from gazebench.testing.probes import EVERY, three_images
from gazebench.testing.state import differences, settings, state_of

WORSE = 0.2  # by so much of the larger value noise may be better by luck, and no more


def known_map(model: ExplainedModel, images: torch.Tensor, classes: Sequence[int]) -> torch.Tensor:
    """Return |input x gradient|, [B, C, h, w]: on the probe networks, where a class's blob is."""
    return (images[:, None] * model.gradient(images, classes)).abs().sum(2)


class ModelMetricSubject:
    """A metric of the network, with a probe network and maps of it."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self.asks_the_method = False

    @property
    def descriptor(self) -> ModelMetric:
        """The metric's descriptor."""
        assert isinstance(self.plugin.descriptor, ModelMetric)
        return self.plugin.descriptor

    @cached_property
    def architecture(self) -> Architecture:
        """The network that it is probed on: one that has gradients for the known maps, too.

        Raises:
            NotApplicableHere: there is none.
        """
        found = fitting(self.descriptor.model_needs | {GRADIENTS})
        if not found:
            needs = ", ".join(sorted(self.descriptor.model_needs))
            raise NotApplicableHere(f"no probe network has {needs}")
        return found[0]

    def explained(self, *, saliency: torch.Tensor | None = None, seed: int = 0) -> MapOfNetwork:
        """Return an image with a map of it, the known one unless another is given."""
        loaded = self.architecture.loaded(self.descriptor.model_needs | {GRADIENTS})
        explainer = Explainer(loaded)
        method = plugin_around(
            Method(function=self._known_map, title="known", needs=frozenset({GRADIENTS}))
        )
        image = three_images()[:1]
        network = ExplainedNetwork(
            loaded=loaded,
            explainer=explainer,
            label="probe",
            seed=0,
            unchanged=Unchanged(explainer.module),
        )
        made = known_map(explainer, image.clone(), EVERY)[0, 0].detach()
        weights = torch.zeros(len(CLASSES))
        weights[0] = 1.0
        return MapOfNetwork(
            of=ImageOfNetwork(
                network=network,
                case="probe",
                image=image,
                placement=Placement(CANVAS, 0, 0, CANVAS),
            ),
            explanation=Explanation(
                model=method, method=method, mixings=(Mixing("class", CLASSES[0]),)
            ),
            saliency=made if saliency is None else saliency,
            weights=weights,
            rng=np.random.default_rng(seed),
            kept={},
        )

    def _known_map(
        self, model: ExplainedModel, images: torch.Tensor, classes: Sequence[int]
    ) -> torch.Tensor:
        self.asks_the_method = True
        return known_map(model, images, classes)

    def score(self, saliency: torch.Tensor | None = None) -> float:
        """Return the score of a map, the known one unless another is given."""
        return float(self.plugin.call(self.explained(saliency=saliency)))


def noise(seed: int) -> torch.Tensor:
    """Return a map that knows nothing, [H, W]."""
    return torch.rand(*CANVAS, generator=torch.Generator().manual_seed(seed))


@check("runs", "scores a map with what it declares to need of the model", essential=True)
def runs(subject: ModelMetricSubject) -> str:
    """Score a map that shows where the class's blob is."""
    return f"{subject.score():.4g} on the network {subject.architecture.name!r}"


@check("range", "returns one number in the declared range, whatever the map")
def in_range(subject: ModelMetricSubject) -> str:
    """Score maps that are right, random, flat, huge, and of one pixel."""
    low, high = subject.descriptor.range
    spot = torch.zeros(*CANVAS)
    spot[3, 5] = 1.0
    maps = {
        "right": None,
        "random": noise(0),
        "flat": torch.ones(*CANVAS),
        "huge": noise(1) * 1e30,
        "of one pixel": spot,
        "negative": -noise(2),
    }
    found = {what: subject.score(values) for what, values in maps.items()}
    for what, value in found.items():
        if not np.isnan(value) and not low - TOLERANCE <= value <= high + TOLERANCE:
            raise Violation(f"{value:g} for a map that is {what}; declared [{low:g}, {high:g}]")
    undefined = [what for what in ("right", "random") if np.isnan(found[what])]
    if undefined:
        raise Violation(f"NaN for a map that is {undefined[0]}")
    return ", ".join(f"{what} {value:.3g}" for what, value in found.items())


@check("direction", "noise is not better than a map that shows what the network looks at")
def direction(subject: ModelMetricSubject) -> str:
    """Compare with random maps, in the declared direction."""
    sign = 1.0 if subject.descriptor.higher_is_better else -1.0
    right = subject.score()
    if subject.asks_the_method:
        raise NotApplicableHere("it explains other networks: methods are judged, not maps")
    random = float(np.mean([subject.score(noise(n)) for n in range(5)]))
    if sign * (random - right) > WORSE * max(abs(right), abs(random)):
        raise Violation(f"a right map gets {right:.4g}, random ones {random:.4g}")
    return f"right {right:.3g}, random {random:.3g}"


@check("deterministic", "the same map, network and random numbers give the same score")
def deterministic(subject: ModelMetricSubject) -> str:
    """Score twice; random numbers come from `explained.rng` alone."""
    first, second = subject.score(noise(3)), subject.score(noise(3))
    if first != second and not (np.isnan(first) and np.isnan(second)):
        raise Violation(f"first {first:g}, then {second:g}")
    return "the same twice"


@check("nothing changed", "the network, image, map and settings of the process stay")
def nothing_changed(subject: ModelMetricSubject) -> str:
    """Compare before and after."""
    explained = subject.explained()
    module = explained.of.network.explainer.module
    image, saliency = explained.image.clone(), explained.saliency.clone()
    before = state_of(module), settings()
    subject.plugin.call(explained)
    changed = differences(before[0], state_of(module)) + differences(before[1], settings())
    if not torch.equal(image, explained.image):
        changed.append("the image was written to")
    if not torch.equal(saliency, explained.saliency):
        changed.append("the map was written to")
    if changed:
        raise Violation("; ".join(changed[:3]))
    return "nothing changed"


CHECKS: tuple[Check, ...] = (runs, in_range, direction, deterministic, nothing_changed)
