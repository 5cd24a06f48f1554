"""The parts of an attention gate, with backward passes that are cheap for many classes at once.

Grad-CAM sends the gradients of all classes back through the gates. The usual operations would take
most of a forward pass for that: convolutions and interpolations go back class by class or through
general code, and the product of features and attention makes a temporary per class as large as the
largest feature map. Here all of it is matrix products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional


def pointwise(layer: nn.Conv2d, maps: torch.Tensor) -> torch.Tensor:
    """Return what a 1 x 1 convolution makes of [B, K, h, w]."""
    assert layer.kernel_size == (1, 1)
    assert layer.bias is not None
    mixed = layer.weight.flatten(1) @ maps.flatten(2) + layer.bias[:, None]
    return mixed.view(len(maps), -1, *maps.shape[-2:])


def enlarged(maps: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Return [B, K, h, w] interpolated bilinearly to `size`, with half-pixel centres."""
    height, width = size
    rows = _interpolation(maps.shape[-2], height, maps)
    return rows.T @ maps @ _interpolation(maps.shape[-1], width, maps)


def gated(features: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Return features [B, K, h, w] times attention coefficients [B, 1, h, w].

    Going back, the sum over channels of gradient times features is one small matrix product
    wherever the gradient is the same at every position, as it is behind a sum over space.
    """
    product: torch.Tensor = _Gate.apply(features, alpha)
    return product


def _interpolation(n_in: int, n_out: int, like: torch.Tensor) -> torch.Tensor:
    """Return the matrix [n_in, n_out] of linear interpolation with half-pixel centres."""
    identity = torch.eye(n_in, dtype=like.dtype, device=like.device)
    return functional.interpolate(identity[None], n_out, mode="linear")[0]


class _Gate(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(features: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
        return features * alpha

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:  # noqa: ARG004
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        features, alpha = ctx.saved_tensors
        for_features = gradient * alpha if ctx.needs_input_grad[0] else None
        for_alpha = _ChannelSum.apply(gradient, features) if ctx.needs_input_grad[1] else None
        return for_features, for_alpha


class _ChannelSum(torch.autograd.Function):
    """The sum over channels of gradient times features, [B, 1, h, w]; backward only, no further."""

    @staticmethod
    def forward(gradient: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        return (gradient * features).sum(1, keepdim=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("second derivatives of the gate are not provided")

    @staticmethod
    def vmap(
        info: object,  # noqa: ARG004 - torch's signature
        in_dims: tuple[int | None, ...],
        gradient: torch.Tensor,
        features: torch.Tensor,
    ) -> tuple[torch.Tensor, int]:
        """Do all classes at once: gradient [C, B, K, h, w], features [B, K, h, w] shared."""
        assert in_dims == (0, None), "classes are batched, features are not"
        if gradient.stride()[-2:] == (0, 0):
            weights = gradient[..., 0, 0].transpose(0, 1)
            summed = torch.bmm(weights, features.flatten(2)).transpose(0, 1)
            return summed.reshape(*gradient.shape[:2], 1, *features.shape[-2:]), 0
        # Class by class, so that the temporary stays in the processor's cache.
        return torch.stack([(g * features).sum(1, keepdim=True) for g in gradient]), 0
