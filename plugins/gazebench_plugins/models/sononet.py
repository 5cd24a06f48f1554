"""SonoNet as the paper trains it on chest x-rays."""

from __future__ import annotations

import torch
from torch import nn

from gazebench.spec import CAM_LAYERS, GRADIENTS, LOGITS, LoadedModel, model
from gazebench_plugins.chexpert import CHEXPERT_LABELS
from gazebench_plugins.models.checkpoint import PHANTOM, load
from gazebench_plugins.models.trunk import CHANNELS, PREPROCESSING, Trunk, initialise

PROVIDES = frozenset({LOGITS, GRADIENTS, CAM_LAYERS})


class SonoNet(nn.Module):
    """Five blocks, 1 x 1 adaptation 128 -> 64 -> 32, global average pooling, a linear layer."""

    def __init__(self, classes: int = len(CHEXPERT_LABELS)) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.adaptation = nn.Sequential(
            nn.Conv2d(CHANNELS[-1], 64, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.Conv2d(64, 32, 1, bias=False),
            nn.BatchNorm2d(32),
        )
        self.classifier = nn.Linear(32, classes)
        initialise(self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits [B, classes] of grey images [B, 1, H, W]."""
        features: torch.Tensor = self.adaptation(self.trunk(images)[-1])
        logits: torch.Tensor = self.classifier(features.mean((-2, -1)))
        return logits


@model(
    provides=PROVIDES,
    title="SonoNet, 14 CheXpert labels",
    reference="Baumgartner et al., IEEE TMI 36 (2017); arXiv 2112.11716",
)
def sononet(*, weights: str = PHANTOM, seed: int = 0) -> LoadedModel:
    """Load SonoNet; weights are "phantom" (shipped), "none" (random) or a safetensors file.

    Its CAM layer is the adaptation's output: the last feature map, which global average pooling
    and the linear layer read, so that Grad-CAM is the class evidence itself (Zhou et al. 2016).
    """
    found = load("sononet", SonoNet, weights, seed=seed)
    return LoadedModel(
        module=found.module,
        class_names=found.class_names,
        preprocessing=PREPROCESSING,
        provides=PROVIDES,
        cam_layers=("adaptation",),
        weights=found.weights,
    )
