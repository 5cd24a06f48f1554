"""Any network of timm, `timm/<name>`: pretrained from the hub, from a file, or untrained."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from gazebench.errors import PluginError, UsageError
from gazebench.spec import (
    CAM_LAYERS,
    GRADIENTS,
    LOGITS,
    FitThenPad,
    Geometry,
    LoadedModel,
    Preprocessing,
    ShortSideThenCrop,
    Size,
    Squash,
    WeightsProvenance,
    model,
)
from gazebench_plugins.models.checkpoint import NONE, Loaded, fill, read, untrained

if TYPE_CHECKING:
    from collections.abc import Mapping

HUB = "hub"


@model(
    provides={LOGITS, GRADIENTS, CAM_LAYERS},
    family=True,
    title="Any timm network: timm/<name>",
    reference="Wightman, PyTorch Image Models, doi 10.5281/zenodo.4414861",
)
def timm_model(
    name: str,
    *,
    weights: str = HUB,
    classes: str = "",
    geometry: str = "pad",
    channels: int = 3,
    seed: int = 0,
) -> LoadedModel:
    """Load a timm network.

    `weights`: "hub" downloads what timm publishes, "none" draws them from the seed, else the path
    of a safetensors file or of a checkpoint that torch can read without running code. `classes`
    names the labels, separated by semicolons; without it they are numbered. `geometry`: "pad" fits
    the whole image onto the input, "squash" stretches it, "crop" is timm's own centre crop.
    """
    labels = tuple(label.strip() for label in classes.split(";")) if classes else ()
    found = _load(name, weights, labels, channels=channels, seed=seed)
    layer = cam_layer(found.module, channels)
    capabilities = {LOGITS, GRADIENTS} | ({CAM_LAYERS} if layer else set())
    return LoadedModel(
        module=found.module,
        class_names=found.class_names,
        preprocessing=_preprocessing(found.module, geometry, channels),
        provides=frozenset(capabilities),
        cam_layers=(layer,) if layer else (),
        weights=found.weights,
        multilabel=bool(labels),
    )


def cam_layer(module: nn.Module, channels: int) -> str | None:
    """Return the last submodule whose output is a map [B, K, h, w] on the way to the logits.

    Found by watching one forward pass: what the classifier's pooling reads is the last output with
    more than one spatial position. None for networks of tokens.
    """
    last: list[str] = []
    handles = []

    def watch(name: str) -> Any:
        def note(_module: nn.Module, _inputs: Any, output: object) -> None:
            if isinstance(output, torch.Tensor) and output.ndim == 4 and min(output.shape[-2:]) > 1:
                last.append(name)

        return note

    for name, layer in module.named_modules():
        if name:
            handles.append(layer.register_forward_hook(watch(name)))
    try:
        with torch.no_grad():
            module(torch.zeros(1, channels, *_input_size(module)))
    finally:
        for handle in handles:
            handle.remove()
    return _channels_first(module, last)


def _channels_first(module: nn.Module, seen: list[str]) -> str | None:
    """Drop maps that are not [B, K, h, w]: networks of tokens keep channels last or have none."""
    features = getattr(module, "num_features", None)
    if not seen or _is_token_network(module):
        return None
    return seen[-1] if features else None


def _is_token_network(module: nn.Module) -> bool:
    # timm's own mark: such networks carry position embeddings, or say their output is NHWC.
    layout = getattr(module, "output_fmt", "NCHW")
    return hasattr(module, "pos_embed") or str(layout) not in ("NCHW", "Format.NCHW")


def _load(name: str, weights: str, labels: tuple[str, ...], *, channels: int, seed: int) -> Loaded:
    import timm

    if not timm.is_model(name.partition(".")[0]) and not name.startswith("hf-hub:"):
        close = timm.list_models(f"*{name.partition('.')[0][:6]}*")[:5]
        raise UsageError(
            f"timm has no network called {name!r}",
            do=f"did you mean one of {', '.join(close)}?" if close else "see timm.list_models()",
        )
    options: dict[str, Any] = {"in_chans": channels}
    if labels:
        options["num_classes"] = len(labels)
    if weights == HUB:
        return _from_hub(name, options, labels)
    found = untrained(lambda: timm.create_model(name, **options), (), seed=seed)
    named = found._replace(class_names=labels or _numbered(found.module))
    return named if weights == NONE else _from_file(named, weights, seed)


def _from_hub(name: str, options: Mapping[str, Any], labels: tuple[str, ...]) -> Loaded:
    import timm

    try:
        module = timm.create_model(name, pretrained=True, **options).eval()
    except (OSError, RuntimeError, ValueError) as error:
        raise PluginError(
            f"the weights of timm/{name} could not be fetched: {str(error).splitlines()[0]}",
            do=f"name a local file, timm/{name}:weights=FILE, or weights=none for random ones",
        ) from error
    digest = hashlib.sha256()
    for key, tensor in sorted(module.state_dict().items()):
        digest.update(key.encode() + tensor.numpy().tobytes())
    weights = WeightsProvenance(source=HUB, sha256=digest.hexdigest(), trained_on="ImageNet")
    return Loaded(module, labels or _numbered(module), weights)


def _from_file(built: Loaded, weights: str, seed: int) -> Loaded:
    path = Path(weights.replace("{seed}", str(seed)))
    if path.suffix == ".safetensors" or not path.is_file():
        tensors, metadata = read(path)
    else:
        tensors, metadata = _read_torch(path), {}
    fill(built.module, tensors, path)
    provenance = WeightsProvenance(
        source=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        trained_on=metadata.get("trained_on"),
    )
    return built._replace(weights=provenance)


def _read_torch(path: Path) -> dict[str, torch.Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise PluginError(
            f"{path} cannot be read as plain weights: {type(error).__name__}",
            do="save the state dict alone, best as safetensors: pickled objects can run code",
        ) from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise PluginError(f"{path} holds no state dict", do="save `module.state_dict()`")
    return state


def _numbered(module: nn.Module) -> tuple[str, ...]:
    return tuple(str(index) for index in range(int(getattr(module, "num_classes", 0))))


def _preprocessing(module: nn.Module, geometry: str, channels: int) -> Preprocessing:
    config: Mapping[str, Any] = getattr(module, "pretrained_cfg", None) or {}
    mean, std = tuple(config.get("mean", (0.5,) * 3)), tuple(config.get("std", (0.5,) * 3))
    if channels == 1:
        mean, std = (sum(mean) / len(mean),), (sum(std) / len(std),)
    return Preprocessing(
        geometry=_geometry(geometry, _input_size(module), float(config.get("crop_pct") or 1.0)),
        channels=channels,
        mean=mean,
        std=std,
    )


def _geometry(name: str, size: Size, crop: float) -> Geometry:
    if name == "pad":
        return FitThenPad(to=size)
    if name == "squash":
        return Squash(to=size)
    if name == "crop":
        return ShortSideThenCrop(short_side=round(min(size) / crop), crop=size)
    raise UsageError(f"geometry must be pad, squash or crop, found {name!r}")


def _input_size(module: nn.Module) -> Size:
    config: Mapping[str, Any] = getattr(module, "pretrained_cfg", None) or {}
    _, height, width = config.get("input_size", (3, 224, 224))
    return Size(height, width)
