"""`gazebench train` as a function: one network per seed, each resumable."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from gazebench import __version__
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.contracts import TrainingData
from gazebench.spec.events import Event, Notice, StageAdvanced
from gazebench.spec.geometry import Preprocessing
from gazebench.training.auc import AucTable, auc_table
from gazebench.training.config import TrainingConfig
from gazebench.training.device import Device, choose_device
from gazebench.training.events import DECODING
from gazebench.training.feed import Feed, Shown
from gazebench.training.files import claim
from gazebench.training.fit import Fit, Fitted, fit, write_log
from gazebench.training.learner import Learner
from gazebench.training.opening import load_model, open_training, untrained
from gazebench.training.pixels import Pixels, cached_pixels
from gazebench.training.splits import Splits, read_splits
from gazebench.training.weights import save_weights, stored

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """One network with one seed, on disk.

    Attributes:
        weights: the safetensors file.
        centre: test AUCs on the centre crop, as the network was trained and as the paper reports.
        whole: test AUCs on the whole image with its padding, as the network is explained.
    """

    label: str
    seed: int
    weights: Path
    best_epoch: int
    validation_loss: float
    centre: AucTable
    whole: AucTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opened:
    """What all seeds of a training share."""

    config: TrainingConfig
    model: Plugin
    label: str
    dataset: Plugin
    data: TrainingData
    splits: Splits
    device: Device
    report: Report


def train(config: TrainingConfig, report: Report) -> tuple[Trained, ...]:
    """Train one network per seed; finished epochs are never computed twice.

    Writes into the folder `out`: `MODEL-seedN.safetensors` (weights and provenance), `.jsonl` (the
    log), `.checkpoint` (to go on) and `pixels/` (the images at network size).

    Raises:
        GazeBenchError: whatever is wrong with names, data, device or the folder.
    """
    host = Host(files=config.plugins)
    label = host.get("model", config.model).label  # a name that means nothing costs no time
    device = choose_device(config.device, config.precision)
    dataset, data = open_training(host, config)
    splits = read_splits(data)
    if splits.untrainable:
        report(Notice(message=f"never or always in the training split: {_list(splits)}"))
    claim(config.out)
    opened = _Opened(
        config=config,
        model=untrained(host, config.model, splits.class_names),
        label=label,
        dataset=dataset,
        data=data,
        splits=splits,
        device=device,
        report=report,
    )
    return tuple(_train_seed(opened, seed) for seed in config.seeds)


def _list(splits: Splits) -> str:
    return ", ".join(splits.untrainable)


def _train_seed(opened: _Opened, seed: int) -> Trained:
    loaded = load_model(opened.model, opened.splits.class_names, seed)
    pixels = _pixels(opened, loaded.preprocessing)
    task = Fit(
        label=opened.label,
        seed=seed,
        splits=opened.splits,
        feed=Feed(
            pixels=pixels,
            labels=opened.splits.labels,
            preprocessing=loaded.preprocessing,
            recipe=opened.config.recipe,
            device=torch.device(opened.device.name),
        ),
        recipe=opened.config.recipe,
        device=opened.device,
        stem=opened.config.out / f"{_file_name(opened.label)}-seed{seed}",
        identity=_identity(opened, pixels, loaded.preprocessing, seed),
        report=opened.report,
    )
    return _finish(opened, task, loaded.module, fit(loaded.module, task))


def _pixels(opened: _Opened, preprocessing: Preprocessing) -> Pixels:
    def decoded(done: int, total: int) -> None:
        opened.report(StageAdvanced(stage=DECODING, done=done, total=total))

    return cached_pixels(
        opened.data,
        opened.splits.samples,
        preprocessing.geometry,
        opened.config.pixels or opened.config.out / "pixels",
        workers=opened.config.workers,
        decoded=decoded,
    )


def _identity(
    opened: _Opened, pixels: Pixels, preprocessing: Preprocessing, seed: int
) -> dict[str, str]:
    """Name everything that decides the weights, but the number of epochs: more may be added."""
    recipe = asdict(opened.config.recipe)
    del recipe["epochs"]
    return {
        **{key.replace("_", " "): str(value) for key, value in recipe.items()},
        "model": opened.label,
        "model code": str(opened.model.code_hash),
        "preprocessing": repr(preprocessing),
        "dataset": opened.dataset.label,
        "data": data_fingerprint(opened.splits, pixels),
        "device": opened.device.kind,
        "precision": str(opened.device.dtype).removeprefix("torch."),
        "seed": str(seed),
    }


def data_fingerprint(splits: Splits, pixels: Pixels) -> str:
    """Return a SHA-256 over every pixel at network size, every label and every split."""
    digest = hashlib.sha256(pixels.digest.encode())
    digest.update(json.dumps(splits.class_names).encode())
    for sample in splits.samples:
        digest.update(json.dumps([sample.id, sample.split, *sample.labels]).encode())
    return digest.hexdigest()


def _finish(opened: _Opened, task: Fit, module: torch.nn.Module, fitted: Fitted) -> Trained:
    """Judge the weights as they are stored, then store them."""
    tensors = stored(fitted.best, half=opened.config.half)
    module.load_state_dict(tensors)
    learner = Learner(module, task.recipe, task.device)
    centre, whole = (_test(learner, task, shown) for shown in (Shown.CENTRE, Shown.WHOLE))
    path = task.stem.with_name(task.stem.name + ".safetensors")
    trained = Trained(
        label=task.label,
        seed=task.seed,
        weights=path,
        best_epoch=fitted.best_epoch,
        validation_loss=fitted.validation_loss,
        centre=centre,
        whole=whole,
    )
    told = _provenance(opened, task, trained)
    save_weights(path, tensors, told)
    write_log(task, *fitted.history, {"weights": path.name, **told})
    return trained


def _test(learner: Learner, task: Fit, shown: Shown) -> AucTable:
    judged = learner.judge(task.feed.plain(task.splits.test, shown))
    return auc_table(task.splits.class_names, judged.labels, judged.logits)


def _provenance(opened: _Opened, task: Fit, trained: Trained) -> Mapping[str, Any]:
    """Say what a file of weights must tell about itself; nothing in it depends on the clock."""
    return {
        "format": "gazebench-weights-1",
        "architecture": opened.model.name,
        "model": opened.label,
        "class_names": list(opened.splits.class_names),
        "trained_on": opened.dataset.name,
        "dataset_fingerprint": task.identity["data"],
        "recipe": asdict(task.recipe),
        "seed": str(task.seed),
        "epochs": str(task.recipe.epochs),
        "best_epoch": str(trained.best_epoch),
        "validation_loss": repr(trained.validation_loss),
        "test_auc_mean": trained.centre.mean,
        "test_auc": trained.centre.as_json(),
        "test_auc_whole_image": trained.whole.as_json(),
        "precision": task.identity["precision"],
        "gazebench_version": __version__,
    }


def _file_name(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", label)
