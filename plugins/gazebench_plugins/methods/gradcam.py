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
    size = images.shape[-2:]
    total = sum(functional.interpolate(_weighted(layer), size, mode="bilinear") for layer in layers)
    channels = sum(layer.activations.shape[1] for layer in layers)
    return functional.relu(torch.as_tensor(total) / channels)


def _weighted(layer: LayerGradient) -> torch.Tensor:
    weights = layer.gradients.mean((-2, -1))
    return torch.einsum("bck,bkhw->bchw", weights, layer.activations)
