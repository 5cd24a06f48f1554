"""Checkpoints of the paper's networks: safetensors with their provenance in the metadata."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from gazebench.errors import PluginError
from gazebench.spec import WeightsProvenance
from gazebench_plugins.models.chexpert import CHEXPERT_LABELS

PHANTOM, NONE = "phantom", "none"


class Loaded(NamedTuple):
    """A network in evaluation mode, its labels and where its parameters come from."""

    module: nn.Module
    class_names: tuple[str, ...]
    weights: WeightsProvenance


def load(name: str, build: Callable[[int], nn.Module], weights: str, *, seed: int) -> Loaded:
    """Build a network and give it the weights asked for.

    `weights`: "phantom" for the file shipped with GazeBench, "none" for parameters drawn from the
    seed, else the path of a safetensors file, in which "{seed}" stands for the seed.

    Raises:
        PluginError: the file is absent, not safetensors, or of another network.
    """
    if weights == NONE:
        return untrained(lambda: build(len(CHEXPERT_LABELS)), CHEXPERT_LABELS, seed=seed)
    path = _path(name, weights, seed)
    tensors, metadata = read(path)
    class_names = _class_names(path, metadata)
    module = build(len(class_names))
    fill(module, tensors, path)
    return Loaded(
        module.eval(),
        class_names,
        WeightsProvenance(
            source=weights if weights == PHANTOM else path.name,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            trained_on=metadata.get("trained_on"),
        ),
    )


def untrained(build: Callable[[], nn.Module], class_names: tuple[str, ...], *, seed: int) -> Loaded:
    """Return a network with parameters drawn from the seed, whatever was drawn before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = build().eval()
    digest = hashlib.sha256()
    for key, tensor in sorted(module.state_dict().items()):
        digest.update(key.encode() + tensor.numpy().tobytes())
    weights = WeightsProvenance(
        source=f"random, seed {seed}", sha256=digest.hexdigest(), trained_on=None
    )
    return Loaded(module, class_names, weights)


def read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Return the tensors and the metadata of a safetensors file.

    Raises:
        PluginError: the file is absent, or not safetensors (pickles can run code).
    """
    if not path.is_file():
        raise PluginError(
            f"there is no checkpoint {path}",
            do="train one with `gazebench train`, or check the path",
        )
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except SafetensorError as error:
        raise PluginError(
            f"{path} is not a safetensors file: {error}",
            do="convert it: other checkpoint formats can run code when they are opened",
        ) from error


def fill(module: nn.Module, tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Copy tensors into a module, half precision becoming single.

    Raises:
        PluginError: a tensor is missing, unknown or of another shape; names it.
    """
    own = module.state_dict()
    for key in own.keys() ^ tensors.keys():
        where = "lacks" if key in own else "has the unknown"
        raise PluginError(
            f"{path} {where} tensor {key!r}: it is of another network than {type(module).__name__}",
            do="name the checkpoint of this very architecture",
        )
    for key, tensor in tensors.items():
        if tensor.shape != own[key].shape:
            raise PluginError(
                f"{path}: tensor {key!r} has shape {tuple(tensor.shape)}, "
                f"{type(module).__name__} expects {tuple(own[key].shape)}",
                do="name the checkpoint of this very architecture",
            )
    module.load_state_dict({k: t.to(own[k].dtype) for k, t in tensors.items()})


def _path(name: str, weights: str, seed: int) -> Path:
    if weights != PHANTOM:
        return Path(weights.replace("{seed}", str(seed)))
    shipped = (
        resources.files("gazebench_plugins.models") / "weights" / f"{name}-phantom.safetensors"
    )
    return Path(str(shipped))


def _class_names(path: Path, metadata: Mapping[str, str]) -> tuple[str, ...]:
    try:
        names = json.loads(metadata["class_names"])
    except (KeyError, json.JSONDecodeError) as error:
        raise PluginError(
            f"{path} does not say which classes its logits are (metadata class_names, a JSON list)",
            do="write it with `gazebench train`, or add the metadata",
        ) from error
    return tuple(names)
