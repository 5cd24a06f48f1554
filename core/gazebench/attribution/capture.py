"""Activations and gradients of submodules, caught by hooks that are always taken off again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from gazebench.errors import PluginError
from gazebench.spec.suggest import suggest


@contextmanager
def caught_outputs(module: nn.Module, names: Sequence[str]) -> Iterator[dict[str, torch.Tensor]]:
    """Collect the outputs of named submodules during one forward pass, as they are."""
    caught: dict[str, torch.Tensor] = {}

    def hook_for(name: str) -> Any:
        def keep(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
            caught[name] = output

        return keep

    with _hooked(module, {name: hook_for(name) for name in names}):
        yield caught


def layer_gradients(
    module: nn.Module, names: Sequence[str], images: torch.Tensor, classes: Sequence[int]
) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    """Return logits [B, all], activations [B, K, h, w] and gradients [B, C, K, h, w] per layer.

    The forward pass runs without a graph up to the first named layer and records only from there
    on, so that the backward pass goes from the logits to the layers and no further. Where one
    named layer feeds another, its gradient is the total derivative, through the other.
    """
    caught: dict[str, torch.Tensor] = {}

    def hook_for(name: str) -> Any:
        def record(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
            torch.set_grad_enabled(True)  # undone by the enclosing no_grad when it ends
            if not output.requires_grad:
                output = output.detach().requires_grad_()
            caught[name] = output
            # A copy goes on, so that an in-place ReLU behind the layer cannot change the record.
            return output.clone()

        return record

    with torch.no_grad(), _without_parameter_gradients(module):
        with _hooked(module, {name: hook_for(name) for name in names}):
            logits = module(images)
        _require_caught(names, caught)
        activations = [caught[name] for name in names]
        gradients = class_gradients(logits[:, list(classes)], activations)
    return logits.detach(), [a.detach() for a in activations], gradients


def class_gradients(logits: torch.Tensor, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return d logits_c / d input for every class at once, [B, C, *input] per input.

    One batched backward pass: images do not influence each other's logits in evaluation mode, so
    the gradient of a class summed over the batch is each image's own. Where an operation cannot be
    batched, the classes are done one by one.
    """
    summed = logits.sum(0)
    basis = torch.eye(len(summed), dtype=summed.dtype, device=summed.device)
    try:
        found = torch.autograd.grad(
            summed, list(inputs), basis, retain_graph=True, is_grads_batched=True
        )
    except RuntimeError as error:
        if "vmap" not in str(error):
            raise
        found = tuple(
            torch.stack(columns)
            for columns in zip(
                *(
                    torch.autograd.grad(summed, list(inputs), row, retain_graph=True)
                    for row in basis
                ),
                strict=True,
            )
        )
    return [gradient.transpose(0, 1) for gradient in found]


@contextmanager
def _hooked(module: nn.Module, hooks: dict[str, Any]) -> Iterator[None]:
    modules = dict(module.named_modules())
    handles = []
    try:
        for name, hook in hooks.items():
            if name not in modules:
                raise PluginError(
                    f"the model {type(module).__name__} has no submodule {name!r}",
                    do=suggest(name, modules) or "name a submodule of `module.named_modules()`",
                )
            handles.append(modules[name].register_forward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _without_parameter_gradients(module: nn.Module) -> Iterator[None]:
    """Keep parameters out of the graph: their gradients are never asked for."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    try:
        for parameter in parameters:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)


def _require_caught(names: Sequence[str], caught: dict[str, torch.Tensor]) -> None:
    for name in names:
        if name not in caught:
            raise PluginError(
                f"the submodule {name!r} took no part in the forward pass",
                do="name a layer that the model calls",
            )
