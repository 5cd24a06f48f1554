"""Which submodule of a timm network gives the maps that a CAM weighs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


def cam_layer(module: nn.Module, input_shape: tuple[int, ...]) -> str | None:
    """Return the submodule that gives the feature maps [B, K, h, w] the classifier pools.

    Found by watching one pass: the last submodule whose output has the shape of what timm calls
    the network's features. None where these are tokens [B, N, K] or have their channels last.
    """
    forward_features: Any = module.forward_features
    with torch.no_grad(), _watched(module) as shapes:
        features = forward_features(torch.zeros(1, *input_shape))
    if not isinstance(features, torch.Tensor) or features.ndim != 4:
        return None
    if features.shape[1] != module.num_features:
        return None
    return next((name for name, shape in reversed(shapes) if shape == features.shape), None)


@contextmanager
def _watched(module: nn.Module) -> Iterator[list[tuple[str, torch.Size]]]:
    """List every submodule's output shape in the order of the forward pass."""
    shapes: list[tuple[str, torch.Size]] = []

    def watch(name: str) -> Any:
        def note(_module: nn.Module, _inputs: Any, output: object) -> None:
            if isinstance(output, torch.Tensor):
                shapes.append((name, output.shape))

        return note

    handles = [m.register_forward_hook(watch(n)) for n, m in module.named_modules() if n]
    try:
        yield shapes
    finally:
        for handle in handles:
            handle.remove()
