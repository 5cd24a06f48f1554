"""A model as methods see it: implements `spec.explaining.ExplainedModel`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from gazebench.attribution.capture import (
    attention_gradients,
    attention_part,
    caught_outputs,
    input_gradients,
    layer_gradients,
)
from gazebench.attribution.layout import as_maps
from gazebench.errors import PluginError
from gazebench.spec.explaining import LayerAttention, LayerGradient
from gazebench.spec.values import LoadedModel, TokenGrid


class Explainer:
    """A loaded model on its device; logits of the latest images are kept.

    Mixing needs the logits of images that a method has just been through, so what any pass computes
    is remembered for the very same tensor, and not for longer.
    """

    def __init__(self, loaded: LoadedModel, *, device: str = "cpu") -> None:
        self._loaded = loaded
        self.device = torch.device(device)
        self.module = loaded.module.to(self.device).eval()
        if self.device.type == "cuda":  # convolutions are faster with channels last there
            self.module = self.module.to(memory_format=torch.channels_last)
        self._seen: tuple[torch.Tensor, int, torch.Tensor] | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The labels, in the order of the logits."""
        return self._loaded.class_names

    @property
    def multilabel(self) -> bool:
        """Whether class probabilities are sigmoids (True) or a softmax (False)."""
        return self._loaded.multilabel

    @property
    def cam_layers(self) -> tuple[str, ...]:
        """The dotted names of the submodules whose outputs a CAM weighs."""
        return self._loaded.cam_layers

    @property
    def tokens(self) -> TokenGrid | None:
        """How a transformer's tokens lie on the canvas; None for other networks."""
        return self._loaded.tokens

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Return class probabilities of logits [B, all classes]: their sigmoid or softmax."""
        return logits.sigmoid() if self.multilabel else logits.softmax(1)

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Return class logits [B, all classes], without gradients.

        Raises:
            PluginError: the module gives something else.
        """
        if self._seen is not None:
            seen, version, logits = self._seen
            if seen is images and version == images._version:
                return logits
        with torch.no_grad():
            return self._remember(images, self.module(images))

    def forget(self) -> None:
        """Keep no logits any more: somebody changed the network."""
        self._seen = None

    def gradient(self, images: torch.Tensor, classes: Sequence[int]) -> torch.Tensor:
        """Return d logit_c / d image, [B, C, channels, H, W]."""
        logits, gradients = input_gradients(self.module, images, classes)
        self._remember(images, logits)
        return gradients

    def layer_gradients(
        self, images: torch.Tensor, classes: Sequence[int]
    ) -> tuple[LayerGradient, ...]:
        """Return activations and gradients at every declared CAM layer, as maps.

        Raises:
            PluginError: the model declares none, or one whose output is not what it declares.
        """
        names = self._declared(self._loaded.cam_layers, "CAM layer")
        found = layer_gradients(self.module, names, images, classes)
        self._remember(images, found.logits)
        return tuple(
            LayerGradient(self._maps(name, layer.activations), self._maps(name, layer.gradients))
            for name, layer in zip(names, found.layers, strict=True)
        )

    def as_maps(self, output: torch.Tensor) -> torch.Tensor:
        """Return what a CAM layer gave, or its gradient, as maps [..., K, h, w].

        Raises:
            PluginError: it has not the declared layout.
        """
        return self._maps(", ".join(self.cam_layers), output)

    def attention(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the attention map [B, h, w] of every declared attention layer.

        Raises:
            PluginError: the model declares none, or a layer's output has another shape.
        """
        names = self._declared(self._loaded.attention_layers, "attention layer")
        with torch.no_grad(), caught_outputs(self.module, names) as caught:
            self._remember(images, self.module(images))
        return tuple(_plane(name, caught[name]) for name in names)

    def attention_weights(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the attention [B, heads, N, N] of every declared layer.

        Raises:
            PluginError: the model declares none, or a layer's output has another shape.
        """
        names = self._declared(self._loaded.attention_weight_layers, "layer with attention weights")
        with torch.no_grad(), caught_outputs(self.module, names, attention_part) as caught:
            self._remember(images, self.module(images))
        return tuple(_square(name, caught[name]) for name in names)

    def attention_gradients(
        self, images: torch.Tensor, classes: Sequence[int]
    ) -> Iterator[tuple[LayerAttention, ...]]:
        """Yield, class by class, every declared layer's attention with its gradient.

        Raises:
            PluginError: as `attention_weights`, or the logits do not depend on a layer.
        """
        names = self._declared(self._loaded.attention_weight_layers, "layer with attention weights")
        for logits, layers in attention_gradients(self.module, names, images, classes):
            self._remember(images, logits)
            for name, layer in zip(names, layers, strict=True):
                _square(name, layer.weights)
            yield layers

    def _maps(self, name: str, output: torch.Tensor) -> torch.Tensor:
        return as_maps(output, self._loaded.cam_layout, self._loaded.tokens, layer=name)

    def _declared(self, names: tuple[str, ...], what: str) -> tuple[str, ...]:
        if not names:
            raise PluginError(
                f"the model {type(self.module).__name__} declares no {what}",
                do="name one in the model plugin's LoadedModel",
            )
        return names

    def _remember(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        expected = (len(images), len(self.class_names))
        if logits.shape != expected:
            raise PluginError(
                f"the model {type(self.module).__name__} gave logits of shape "
                f"{tuple(logits.shape)}, expected {expected}: one per class name",
                do="mend the model plugin's module or its class_names",
            )
        self._seen = (images, images._version, logits)
        return logits


def _plane(name: str, output: torch.Tensor) -> torch.Tensor:
    if output.ndim == 4 and output.shape[1] == 1:
        return output[:, 0]
    if output.ndim == 3:
        return output
    raise _not_maps("attention", name, output, "[B, 1, h, w] or [B, h, w]")


def _square(name: str, output: torch.Tensor) -> torch.Tensor:
    if output.ndim == 4 and output.shape[-1] == output.shape[-2]:
        return output
    raise _not_maps("attention", name, output, "[B, heads, N, N]")


def _not_maps(what: str, name: str, output: torch.Tensor, expected: str) -> PluginError:
    return PluginError(
        f"the {what} layer {name!r} gave shape {tuple(output.shape)}, expected {expected}",
        do="name another layer in the model plugin's LoadedModel",
    )
