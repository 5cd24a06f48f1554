"""AG-SonoNet: SonoNet whose conv3 and conv4 are gated by attention."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from gazebench.spec import ATTENTION, CAM_LAYERS, GRADIENTS, LOGITS, LoadedModel, model
from gazebench_plugins.chexpert import CHEXPERT_LABELS
from gazebench_plugins.models.checkpoint import PHANTOM, load
from gazebench_plugins.models.trunk import CHANNELS, PREPROCESSING, Trunk, initialise

PROVIDES = frozenset({LOGITS, GRADIENTS, CAM_LAYERS, ATTENTION})
OPEN_GATE = 3.0  # bias of psi: gates start at sigmoid(3) = 0.95

# Gated maps are summed over space, not averaged. Dividing the sums by the positions of a 224-pixel
# input, a constant, changes no function the network can represent; it lets one learning rate suit
# the classifier's every weight.
SUMMED_POSITIONS = (56 * 56, 28 * 28)


class GridAttention(nn.Module):
    """Attention coefficients of `features` from a coarser gating map, and the gated features.

    alpha = sigmoid(psi(ReLU(theta(features) + phi(gating)))), phi(gating) and alpha resized
    bilinearly to the features' grid. The submodule `coefficients` outputs alpha, [B, 1, h, w];
    the module itself outputs alpha * features.
    """

    def __init__(self, features: int, gating: int) -> None:
        super().__init__()
        self.theta = nn.Conv2d(features, features, 2, stride=2, bias=False)
        self.phi = nn.Conv2d(gating, features, 1)
        self.psi = nn.Conv2d(features, 1, 1)
        self.coefficients = nn.Sigmoid()

    def forward(self, features: torch.Tensor, gating: torch.Tensor) -> torch.Tensor:
        """Return gated features, of the shape of `features`."""
        theta = self.theta(features)
        phi = functional.interpolate(self.phi(gating), theta.shape[-2:], mode="bilinear")
        alpha = self.coefficients(self.psi(functional.relu(theta + phi)))
        return features * functional.interpolate(alpha, features.shape[-2:], mode="bilinear")


class Branch(nn.Module):
    """Hand on a copy: a gradient caught here is that of this way to the logits alone."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the same values as a tensor of their own."""
        return maps.clone()


class AGSonoNet(nn.Module):
    """The trunk of SonoNet; conv5 gates conv3 and conv4; a linear layer reads all three."""

    def __init__(self, classes: int = len(CHEXPERT_LABELS)) -> None:
        super().__init__()
        _, _, conv3, conv4, conv5 = CHANNELS
        self.trunk = Trunk()
        self.attention1 = GridAttention(conv3, conv5)
        self.attention2 = GridAttention(conv4, conv5)
        self.pooled = Branch()
        self.classifier = nn.Linear(conv3 + conv4 + conv5, classes)
        initialise(self)
        for gate in (self.attention1, self.attention2):
            assert gate.psi.bias is not None
            nn.init.constant_(gate.psi.bias, OPEN_GATE)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits [B, classes] of grey images [B, 1, H, W]."""
        _, _, conv3, conv4, conv5 = self.trunk(images)
        gated = (self.attention1(conv3, conv5), self.attention2(conv4, conv5))
        read = [
            maps.sum((-2, -1)) / positions
            for maps, positions in zip(gated, SUMMED_POSITIONS, strict=True)
        ]
        read.append(self.pooled(conv5).mean((-2, -1)))
        logits: torch.Tensor = self.classifier(torch.cat(read, dim=1))
        return logits


@model(
    provides=PROVIDES,
    title="Attention-gated SonoNet, 14 CheXpert labels",
    reference="Schlemper et al., Medical Image Analysis 53 (2019); arXiv 2112.11716",
)
def ag_sononet(*, weights: str = PHANTOM, seed: int = 0) -> LoadedModel:
    """Load AG-SonoNet; weights are "phantom" (shipped), "none" (random) or a safetensors file.

    Its CAM layers are the last feature map and the two gated feature maps, each as the classifier
    reads it: what the last one does through the gates is in the gated maps already, and would count
    twice. Its attention layers are the gates' coefficients.
    """
    found = load("ag_sononet", AGSonoNet, weights, seed=seed)
    return LoadedModel(
        module=found.module,
        class_names=found.class_names,
        preprocessing=PREPROCESSING,
        provides=PROVIDES,
        cam_layers=("pooled", "attention1", "attention2"),
        attention_layers=("attention1.coefficients", "attention2.coefficients"),
        weights=found.weights,
    )
