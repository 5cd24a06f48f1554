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
from gazebench_plugins.chexpert import CHEXPERT_LABELS

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
    path = _shipped(name) if weights == PHANTOM else local_path(weights, seed)
    tensors, metadata = read(path)
    class_names = _class_names(path, metadata)
    with torch.random.fork_rng(devices=[]):  # nobody else's draws change because a model is loaded
        module = build(len(class_names))
    fill(module, tensors, path)
    return Loaded(
        module.eval(),
        class_names,
        WeightsProvenance(
            source=weights if weights == PHANTOM else path.name,
            sha256=sha256_of_file(path),
            trained_on=metadata.get("trained_on"),
        ),
    )


def untrained(build: Callable[[], nn.Module], class_names: tuple[str, ...], *, seed: int) -> Loaded:
    """Return a network with parameters drawn from the seed, whatever was drawn before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = build().eval()
    weights = WeightsProvenance(
        source=f"random, seed {seed}", sha256=sha256_of_parameters(module), trained_on=None
    )
    return Loaded(module, class_names, weights)


def sha256_of_parameters(module: nn.Module) -> str:
    """Return a SHA-256 over the names and values of a module's parameters and buffers."""
    digest = hashlib.sha256()
    for key, tensor in sorted(module.state_dict().items()):
        digest.update(key.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def local_path(weights: str, seed: int) -> Path:
    """Return the path that a user wrote, with "{seed}" replaced."""
    return Path(weights.replace("{seed}", str(seed))).expanduser()


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
    for key in sorted(own.keys() ^ tensors.keys()):
        where = "lacks the" if key in own else "has the unknown"
        raise PluginError(
            f"{path} {where} tensor {key!r}: it is of another network than {type(module).__name__}",
            do="name the checkpoint of this very architecture",
        )
    for key, tensor in sorted(tensors.items()):
        if tensor.shape != own[key].shape:
            raise PluginError(
                f"{path}: tensor {key!r} has shape {tuple(tensor.shape)}, "
                f"{type(module).__name__} expects {tuple(own[key].shape)}",
                do="name the checkpoint of this very architecture",
            )
    module.load_state_dict({k: t.to(own[k].dtype) for k, t in tensors.items()})


def _shipped(name: str) -> Path:
    folder = resources.files("gazebench_plugins.models") / "weights"
    path = Path(str(folder / f"{name}-phantom.safetensors"))
    if not path.is_file():
        raise PluginError(
            f"this installation lacks the phantom-trained weights of {name}, {path.name}",
            do=f"install GazeBench anew, or name others: {name}:weights=FILE or weights=none",
        )
    return path


def _class_names(path: Path, metadata: Mapping[str, str]) -> tuple[str, ...]:
    try:
        names = json.loads(metadata.get("class_names", "null"))
    except json.JSONDecodeError:
        names = None
    if not names or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise PluginError(
            f"{path} does not say which classes its logits are: the metadata holds class_names "
            f"{metadata.get('class_names')!r}, expected a JSON list of names",
            do="write it with `gazebench train`, or add the metadata",
        )
    return tuple(names)
