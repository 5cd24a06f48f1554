"""What both networks of the paper share: five convolutional blocks and the preprocessing.

Reference: protocol section 5; Baumgartner et al., "SonoNet", IEEE TMI 36 (2017); Schlemper et al.,
"Attention gated networks", Medical Image Analysis 53 (2019).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from gazebench.spec import Preprocessing, ShortSideThenPad

CHANNELS = (16, 32, 64, 128, 128)  # at feature scale 4
DEPTHS = (3, 3, 3, 2, 2)

PREPROCESSING = Preprocessing(
    geometry=ShortSideThenPad(short_side=224, multiple=16), channels=1, mean=(0.5,), std=(0.25,)
)


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """Return a 3 x 3 convolution with batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def block(inputs: int, outputs: int, depth: int) -> nn.Sequential:
    """Return `depth` convolutions, the first of which changes the number of channels."""
    widths = [inputs, *[outputs] * depth]
    return nn.Sequential(*(convolution(a, b) for a, b in pairwise(widths)))


class Trunk(nn.Module):
    """Blocks conv1 to conv5 with 2 x 2 max pooling between them; returns every block's output."""

    def __init__(self) -> None:
        super().__init__()
        widths = (1, *CHANNELS)
        self.blocks = nn.ModuleList(
            block(a, b, depth) for (a, b), depth in zip(pairwise(widths), DEPTHS, strict=True)
        )
        self.pool = nn.MaxPool2d(2)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return five feature maps [B, channels, h, w], each half the size of the one before."""
        maps: list[torch.Tensor] = []
        for number, layer in enumerate(self.blocks):
            images = layer(images if number == 0 else self.pool(images))
            maps.append(images)
        return maps


def initialise(module: nn.Module) -> None:
    """Draw convolutions and linear layers as He et al. (2015); normalisations start at identity."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
