"""Explanations the slow and plain way, and what a network must look like afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from gazebench.spec import LoadedModel, Preprocessing, Size, Squash, WeightsProvenance


def loaded(module: nn.Module, classes: Sequence[str], **declared: object) -> LoadedModel:
    """Return a made-up network as a model plugin would."""
    return LoadedModel(
        module=module.eval(),
        class_names=tuple(classes),
        preprocessing=Preprocessing(
            geometry=Squash(to=Size(8, 8)), channels=1, mean=(0.0,), std=(1.0,)
        ),
        provides=frozenset(),
        weights=WeightsProvenance(source="made up", sha256="", trained_on=None),
        **declared,
    )


def hook_and_backward(
    module: nn.Module, layers: Sequence[str], image: torch.Tensor, label: int
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return activations and gradients [K, h, w] of one class of one image, layer by layer."""
    modules, caught = dict(module.named_modules()), {}

    def keep(name):
        def hook(_module, _inputs, output):
            output.retain_grad()
            caught[name] = output
            return output.clone()

        return hook

    handles = [modules[name].register_forward_hook(keep(name)) for name in layers]
    module(image[None])[0, label].backward()
    for handle in handles:
        handle.remove()
    module.zero_grad(set_to_none=True)
    return [(caught[name].detach()[0], caught[name].grad[0]) for name in layers]


def gradcam_class_by_class(
    module: nn.Module, layers: Sequence[str], images: torch.Tensor, classes: Sequence[int]
) -> torch.Tensor:
    """Return Grad-CAM maps [B, C, h, w]: a forward and a whole backward pass for each."""
    maps = []
    for image in images:
        for label in classes:
            found = hook_and_backward(module, layers, image, label)
            grids = [(grad.mean((1, 2))[:, None, None] * act).sum(0) for act, grad in found]
            if len(grids) > 1:
                grids = [
                    functional.interpolate(
                        grid[None, None], image.shape[-2:], mode="bilinear", align_corners=False
                    )[0, 0]
                    for grid in grids
                ]
            channels = sum(len(act) for act, _ in found) if len(found) > 1 else 1
            maps.append((sum(grids) / channels).clamp(min=0))
    return torch.stack(maps).unflatten(0, (len(images), len(classes)))


def state_of(module: nn.Module) -> dict[str, object]:
    """Return everything about a network that an explanation must leave as it was."""
    return {
        "values": {key: value.clone() for key, value in module.state_dict().items()},
        "modes": [m.training for m in module.modules()],
        "hooks": [
            (len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks))
            for m in module.modules()
        ],
        "requires_grad": [p.requires_grad for p in module.parameters()],
        "gradients": [p.grad for p in module.parameters()],
    }


def assert_unchanged(module: nn.Module, before: dict[str, object]) -> None:
    """Compare with `state_of` from before."""
    after = state_of(module)
    values, earlier = after.pop("values"), dict(before)
    expected = earlier.pop("values")
    assert after == earlier
    assert values.keys() == expected.keys()
    for key, value in values.items():
        assert torch.equal(value, expected[key]), key
    assert torch.is_grad_enabled()
