"""One network trained with one seed: epoch after epoch, each on disk before the next."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gazebench.errors import RunError
from gazebench.spec.events import Event, StageAdvanced
from gazebench.training.auc import auc_table
from gazebench.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from gazebench.training.device import Device, reproducible
from gazebench.training.events import EpochFinished
from gazebench.training.feed import Feed, Shown
from gazebench.training.files import write_text
from gazebench.training.learner import Judged, Learner
from gazebench.training.recipe import Recipe
from gazebench.training.splits import Splits

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """The weights of the lowest validation loss, and how they came about."""

    best: Mapping[str, torch.Tensor]
    best_epoch: int
    validation_loss: float
    history: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """What one network with one seed is trained on, how and where.

    Attributes:
        stem: files are `stem`.checkpoint and `stem`.jsonl.
        identity: what makes this training another one than that of a checkpoint.
    """

    label: str
    seed: int
    splits: Splits
    feed: Feed
    recipe: Recipe
    device: Device
    stem: Path
    identity: Mapping[str, str]
    report: Report


def fit(module: torch.nn.Module, task: Fit) -> Fitted:
    """Train, going on from the task's checkpoint where there is one.

    Every draw depends on the seed and the epoch alone, so an interrupted training ends with the
    same weights as one that was not (on one machine's CPU, with the same number of threads).

    Raises:
        RunError: the loss is not finite, or the checkpoint is of another training.
    """
    learner = Learner(module, task.recipe, task.device)
    found = load_checkpoint(_checkpoint(task), task.identity, task.device.name)
    history: tuple[Mapping[str, Any], ...] = ()
    best: Mapping[str, torch.Tensor] = {}
    if found:
        learner.restore(found.learner)
        history, best = found.history, found.best
        _refuse_fewer_epochs(task, len(history))
    while len(history) < task.recipe.epochs:
        record = _one_epoch(learner, task, epoch=len(history) + 1)
        record["is_best"] = _is_lowest(record, history)
        if record["is_best"]:
            best = {name: value.clone() for name, value in learner.module.state_dict().items()}
        history = (*history, record)
        _keep(learner, task, best, history)
    chosen = [record for record in history if record["is_best"]][-1]
    return Fitted(
        best=best,
        best_epoch=chosen["epoch"],
        validation_loss=chosen["validation_loss"],
        history=history,
    )


def _refuse_fewer_epochs(task: Fit, finished: int) -> None:
    if finished > task.recipe.epochs:
        raise RunError(
            f"{_checkpoint(task)} holds {finished} finished epochs, and {task.recipe.epochs} are "
            "asked for",
            do=f"ask for --epochs {finished} or more, or choose another folder with --out",
        )


def _one_epoch(learner: Learner, task: Fit, epoch: int) -> dict[str, Any]:
    start = time.perf_counter()
    rate = learner.learning_rate
    rng = np.random.default_rng([task.seed, epoch])
    steps = math.ceil(len(task.splits.train) / task.recipe.batch)
    stage = f"{task.label} seed {task.seed} epoch {epoch}/{task.recipe.epochs}"
    with reproducible(task.device, task.seed, epoch):
        train_loss = learner.epoch(
            task.feed.augmented(task.splits.train, rng),
            lambda done: task.report(StageAdvanced(stage=stage, done=done, total=steps)),
        )
    judged = learner.judge(task.feed.plain(task.splits.validate, Shown.CENTRE))
    _refuse_nonfinite(epoch, rate, train_loss, judged.loss)
    learner.adapt(judged.loss)
    return {
        "epoch": epoch,
        "learning_rate": rate,
        "train_loss": train_loss,
        "validation_loss": judged.loss,
        **_aucs(judged, task.splits),
        "seconds": round(time.perf_counter() - start, 2),
    }


def _aucs(judged: Judged, splits: Splits) -> dict[str, Any]:
    table = auc_table(splits.class_names, judged.labels, judged.logits)
    return {"validation_auc_mean": table.mean, "validation_auc": table.as_json()}


def _refuse_nonfinite(epoch: int, rate: float, train_loss: float, validation_loss: float) -> None:
    for name, loss in (("training", train_loss), ("validation", validation_loss)):
        if not math.isfinite(loss):
            raise RunError(
                f"the {name} loss of epoch {epoch} is {loss}, at a learning rate of {rate:g}",
                do="train with a lower --lr, or with --precision single; the epochs before are "
                "kept, so choose another --out to start again",
            )


def _is_lowest(record: Mapping[str, Any], history: tuple[Mapping[str, Any], ...]) -> bool:
    before = [earlier["validation_loss"] for earlier in history]
    return not before or record["validation_loss"] < min(before)


def _keep(
    learner: Learner,
    task: Fit,
    best: Mapping[str, torch.Tensor],
    history: tuple[Mapping[str, Any], ...],
) -> None:
    checkpoint = Checkpoint(
        identity=task.identity, learner=learner.state(), best=best, history=history
    )
    save_checkpoint(_checkpoint(task), checkpoint)
    write_log(task, *history)
    last = history[-1]
    task.report(
        EpochFinished(
            model=task.label,
            seed=task.seed,
            epoch=last["epoch"],
            epochs=task.recipe.epochs,
            learning_rate=last["learning_rate"],
            train_loss=last["train_loss"],
            validation_loss=last["validation_loss"],
            validation_auc=last["validation_auc_mean"],
            is_best=last["is_best"],
            seconds=last["seconds"],
        )
    )


def write_log(task: Fit, *records: Mapping[str, Any]) -> None:
    """Write the log: what is trained, then one line of JSON per record."""
    head = {"identity": dict(task.identity), "recipe": asdict(task.recipe)}
    lines = [json.dumps(line) for line in (head, *records)]
    write_text(task.stem.with_name(task.stem.name + ".jsonl"), "\n".join(lines) + "\n")


def _checkpoint(task: Fit) -> Path:
    return task.stem.with_name(task.stem.name + ".checkpoint")
