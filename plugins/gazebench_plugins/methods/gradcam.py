"""Grad-CAM."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from gazebench.spec import CAM_LAYERS, GRADIENTS, ExplainedModel, LayerGradient, method


@method(
    needs={GRADIENTS, CAM_LAYERS},
    title="Grad-CAM",
    reference="Selvaraju et al., ICCV 2017; protocol section 5",
)
def gradcam(model: ExplainedModel, images: torch.Tensor, classes: Sequence[int]) -> torch.Tensor:
    """Return class maps [B, C, h, w]: ReLU of feature maps weighted by their mean gradient.

    One layer: ReLU(sum_k w_k A_k) on the layer's own grid. Several layers: the weighted sums are
    brought to the input's size, added, divided by the number of channels in all, and rectified
    last.
    """
    layers = model.layer_gradients(images, classes)
    if len(layers) == 1:
        return functional.relu(_weighted(layers[0]))
    channels = sum(layer.activations.shape[1] for layer in layers)
    total = images.new_zeros((len(images), len(classes), *images.shape[-2:]))
    for layer in layers:
        grid = _weighted(layer) / channels
        total += functional.interpolate(grid, images.shape[-2:], mode="bilinear")
    return total.relu_()


def _weighted(layer: LayerGradient) -> torch.Tensor:
    weights = layer.gradients.mean((-2, -1))
    return torch.einsum("bck,bkhw->bchw", weights, layer.activations)
