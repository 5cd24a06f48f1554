"""Any network of timm, `timm/<name>`: pretrained from the hub, from a file, or untrained."""

from __future__ import annotations

import pickle
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
from gazebench.spec.suggest import suggest
from gazebench_plugins.models.cam_layer import cam_layer
from gazebench_plugins.models.checkpoint import (
    NONE,
    Loaded,
    fill,
    local_path,
    read,
    sha256_of_file,
    sha256_of_parameters,
    untrained,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

HUB = "hub"
TORCH_SUFFIXES = (".pt", ".pth", ".tar", ".bin", ".ckpt")


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
    names the labels, separated by semicolons, each with a probability of its own (sigmoid); without
    it they are numbered and exclude each other (softmax). `geometry`: "pad" fits the whole image
    onto the input, "squash" stretches it, "crop" is timm's own centre crop.
    """
    labels = tuple(label.strip() for label in classes.split(";")) if classes else ()
    found = _load(name, weights, labels, channels=channels, seed=seed)
    layer = cam_layer(found.module, (channels, *_input_size(found.module)))
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


def _load(name: str, weights: str, labels: tuple[str, ...], *, channels: int, seed: int) -> Loaded:
    import timm

    if not timm.is_model(name.partition(".")[0]) and not name.startswith("hf-hub:"):
        raise UsageError(
            f"timm has no network called {name!r}",
            do=suggest(name, timm.list_models()) or "take a name from timm.list_models()",
        )
    if weights == HUB:
        return _from_hub(name, labels, channels)
    options: dict[str, Any] = {"in_chans": channels}
    if labels:
        options["num_classes"] = len(labels)
    found = untrained(lambda: timm.create_model(name, **options), (), seed=seed)
    named = found._replace(class_names=labels or _numbered(found.module))
    return named if weights == NONE else _from_file(named, local_path(weights, seed))


def _from_hub(name: str, labels: tuple[str, ...], channels: int) -> Loaded:
    import timm

    try:
        module = timm.create_model(name, pretrained=True, in_chans=channels).eval()
    except (OSError, RuntimeError, ValueError) as error:
        raise PluginError(
            f"the weights of timm/{name} could not be fetched: {_first_line(error)}",
            do=f"name a local file, timm/{name}:weights=FILE, or weights=none for random ones",
        ) from error
    names = labels or _numbered(module)
    if len(names) != module.num_classes:
        # timm would give such a network a random classifier, and say nothing.
        raise PluginError(
            f"the published weights of timm/{name} are for {module.num_classes} classes, "
            f"expected {len(names)} ({', '.join(names[:3])}, ...)",
            do="name the checkpoint of a network trained for these classes: weights=FILE",
        )
    config = _config(module)
    weights = WeightsProvenance(
        source=f"hub: {config.get('hf_hub_id') or config.get('url') or name}",
        sha256=sha256_of_parameters(module),
        trained_on=config.get("tag") or None,
    )
    return Loaded(module, names, weights)


def _from_file(built: Loaded, path: Path) -> Loaded:
    if path.suffix in TORCH_SUFFIXES and path.is_file():
        fill(built.module, _read_torch(path), path)
        trained_on = None
    else:
        tensors, metadata = read(path)
        fill(built.module, tensors, path)
        trained_on = metadata.get("trained_on")
    sha256 = sha256_of_file(path)
    return built._replace(
        weights=WeightsProvenance(source=path.name, sha256=sha256, trained_on=trained_on)
    )


def _read_torch(path: Path) -> dict[str, torch.Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, ValueError, KeyError, OSError, EOFError) as error:
        raise PluginError(
            f"{path} cannot be read as plain weights: {_first_line(error)}",
            do="save the state dict alone, best as safetensors: pickled objects can run code",
        ) from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise PluginError(f"{path} holds no state dict", do="save `module.state_dict()`")
    return state


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _numbered(module: nn.Module) -> tuple[str, ...]:
    return tuple(str(index) for index in range(int(getattr(module, "num_classes", 0))))


def _preprocessing(module: nn.Module, geometry: str, channels: int) -> Preprocessing:
    config = _config(module)
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
    _, height, width = _config(module).get("input_size", (3, 224, 224))
    return Size(height, width)


def _config(module: nn.Module) -> Mapping[str, Any]:
    """Return what timm says about a network's input and published weights."""
    return getattr(module, "pretrained_cfg", None) or {}
