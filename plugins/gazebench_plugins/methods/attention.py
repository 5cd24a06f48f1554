"""The attention maps of attention-gated networks."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gazebench.errors import PluginError
from gazebench.spec import ATTENTION, ExplainedModel, method


@method(
    needs={ATTENTION},
    class_free=True,
    title="Attention coefficients",
    reference="Schlemper et al., Medical Image Analysis 53 (2019); protocol section 5",
)
def attention(
    model: ExplainedModel,
    images: torch.Tensor,
    classes: Sequence[int],  # noqa: ARG001 - attention belongs to no class
    *,
    gate: int = 1,
) -> torch.Tensor:
    """Return the attention coefficients of one gate, [B, h, w]; gates count from 1.

    Raises:
        PluginError: the network has no such gate.
    """
    maps = model.attention(images)
    if not 1 <= gate <= len(maps):
        raise PluginError(
            f"there is no gate {gate}: the network has {len(maps)}",
            do=f"use attention:gate=N with N from 1 to {len(maps)}",
        )
    return maps[gate - 1]
