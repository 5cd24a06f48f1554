"""A model as methods see it: implements `spec.contracts.ExplainedModel`."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gazebench.attribution.capture import caught_outputs, class_gradients, layer_gradients
from gazebench.errors import PluginError
from gazebench.spec.contracts import LayerGradient
from gazebench.spec.values import LoadedModel


class Explainer:
    """A loaded model on its device; logits of the latest images are kept.

    Mixing needs the logits of images that a method has just been through, so what any pass computes
    is remembered for the very same tensor, and not for longer.
    """

    def __init__(self, loaded: LoadedModel, *, device: str = "cpu") -> None:
        self._loaded = loaded
        self.device = torch.device(device)
        self.module = loaded.module.to(self.device).eval()
        self._seen: tuple[torch.Tensor, int, torch.Tensor] | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The labels, in the order of the logits."""
        return self._loaded.class_names

    @property
    def multilabel(self) -> bool:
        """Whether class probabilities are sigmoids (True) or a softmax (False)."""
        return self._loaded.multilabel

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Return class logits [B, all classes], without gradients."""
        if self._seen is not None:
            seen, version, logits = self._seen
            if seen is images and version == images._version:
                return logits
        with torch.no_grad():
            return self._remember(images, self.module(images))

    def gradient(self, images: torch.Tensor, classes: Sequence[int]) -> torch.Tensor:
        """Return d logit_c / d image, [B, C, channels, H, W]."""
        leaf = images.detach().requires_grad_()
        with torch.enable_grad():
            logits = self.module(leaf)
            (found,) = class_gradients(logits[:, list(classes)], [leaf])
        self._remember(images, logits.detach())
        return found.detach()

    def layer_gradients(
        self, images: torch.Tensor, classes: Sequence[int]
    ) -> tuple[LayerGradient, ...]:
        """Return activations and gradients at every declared CAM layer.

        Raises:
            PluginError: the model declares none.
        """
        names = self._declared(self._loaded.cam_layers, "CAM layer")
        logits, activations, gradients = layer_gradients(self.module, names, images, classes)
        self._remember(images, logits)
        return tuple(LayerGradient(a, g) for a, g in zip(activations, gradients, strict=True))

    def attention(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the attention map [B, h, w] of every declared attention layer.

        Raises:
            PluginError: the model declares none, or a layer's output has another shape.
        """
        names = self._declared(self._loaded.attention_layers, "attention layer")
        with torch.no_grad(), caught_outputs(self.module, names) as caught:
            self._remember(images, self.module(images))
        return tuple(_plane(name, caught[name]) for name in names)

    def _declared(self, names: tuple[str, ...], what: str) -> tuple[str, ...]:
        if not names:
            raise PluginError(
                f"the model {type(self.module).__name__} declares no {what}",
                do="name one in the model plugin's LoadedModel",
            )
        return names

    def _remember(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        self._seen = (images, images._version, logits)
        return logits


def _plane(name: str, output: torch.Tensor) -> torch.Tensor:
    if output.ndim == 4 and output.shape[1] == 1:
        return output[:, 0]
    if output.ndim == 3:
        return output
    raise PluginError(
        f"the attention layer {name!r} gave shape {tuple(output.shape)}, "
        "expected [B, 1, h, w] or [B, h, w]",
        do="name the layer that gives the attention coefficients",
    )
