"""The state of an unfinished training on disk, so that the same command goes on with it."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gazebench.errors import RunError
from gazebench.training.files import write_atomically

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """Everything known after an epoch.

    Attributes:
        identity: what the training is of (data, model, recipe, seed, ...); a checkpoint of another
            training is refused.
        learner: `Learner.state`.
        best: the weights of the lowest validation loss so far.
        history: one record per finished epoch.
    """

    identity: Mapping[str, str]
    learner: Mapping[str, Any]
    best: Mapping[str, torch.Tensor]
    history: tuple[Mapping[str, Any], ...]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in one step.

    Raises:
        RunError: the folder cannot be written, or the disk is full.
    """
    content = {
        "format": FORMAT,
        "identity": dict(checkpoint.identity),
        "learner": dict(checkpoint.learner),
        "best": dict(checkpoint.best),
        "history": [dict(record) for record in checkpoint.history],
    }
    write_atomically(path, lambda partial: torch.save(content, partial))


def load_checkpoint(path: Path, identity: Mapping[str, str], device: str) -> Checkpoint | None:
    """Return the checkpoint of this very training; None where there is none yet.

    Raises:
        RunError: it is unreadable, or of another training; the message names the difference.
    """
    if not path.exists():
        return None
    content = _read(path, device)
    found = content["identity"]
    for key in sorted({*identity, *found}):
        if identity.get(key) != found.get(key):
            raise RunError(
                f"{path} is of a training with {key} {found.get(key)}, "
                f"and this one has {identity.get(key)}",
                do="choose another folder with --out, or delete that file to start again",
            )
    return Checkpoint(
        identity=found,
        learner=content["learner"],
        best=content["best"],
        history=tuple(content["history"]),
    )


def _read(path: Path, device: str) -> dict[str, Any]:
    try:
        # weights_only: a checkpoint is data, it cannot run code.
        content = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise RunError(
            f"cannot read the checkpoint {path}: {str(error).splitlines()[0]}",
            do="delete that file to start the training again",
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RunError(
            f"{path} was written by another version of gazebench train",
            do="delete that file to start the training again",
        )
    return content
