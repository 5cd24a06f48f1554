from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from gazebench.errors import PluginError, RunError, UsageError
from gazebench.spec.events import Event, Notice
from gazebench.training.config import TrainingConfig
from gazebench.training.device import Precision
from gazebench.training.events import EpochFinished
from gazebench.training.recipe import Recipe
from gazebench.training.train import Trained, train

PLUGINS = (Path(__file__).resolve().parents[2] / "tiny_training.py",)
RECIPE = Recipe(epochs=4, learning_rate=0.02, batch=8, crop=32, plateau_patience=0)


def config(out: Path, **changes: object) -> TrainingConfig:
    base = TrainingConfig(
        model="tiny", dataset="blobs", out=out, plugins=PLUGINS, recipe=RECIPE, device="cpu"
    )
    return replace(base, **changes)


def silent(event: Event) -> None:
    """Watch nothing."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, list[Event]]:
    events: list[Event] = []
    out = tmp_path_factory.mktemp("finished")
    (trained,) = train(config(out, recipe=replace(RECIPE, epochs=12)), events.append)
    return trained, events


def test_a_network_learns_what_can_be_seen(finished: tuple[Trained, list[Event]]) -> None:
    trained, _ = finished

    assert trained.centre.mean is not None
    assert trained.centre.mean > 0.9
    assert trained.whole.mean is not None
    assert trained.whole.mean > 0.9
    assert trained.centre.undefined == ("Never",)


def test_labels_without_positives_are_announced(finished: tuple[Trained, list[Event]]) -> None:
    _, events = finished

    notices = [event.message for event in events if isinstance(event, Notice)]

    assert notices == ["never or always in the training split: Never"]


def test_the_kept_weights_are_those_of_the_lowest_validation_loss(
    finished: tuple[Trained, list[Event]],
) -> None:
    trained, events = finished
    epochs = [event for event in events if isinstance(event, EpochFinished)]

    lowest = min(epochs, key=lambda event: event.validation_loss)

    assert (trained.best_epoch, trained.validation_loss) == (lowest.epoch, lowest.validation_loss)
    assert [event.epoch for event in epochs] == list(range(1, 13))


def test_a_file_of_weights_tells_where_it_comes_from(
    finished: tuple[Trained, list[Event]],
) -> None:
    trained, _ = finished

    with safe_open(trained.weights, framework="pt") as file:
        told = file.metadata()

    assert told["architecture"] == "tiny"
    assert json.loads(told["class_names"]) == ["Left", "Below", "Never"]
    assert told["trained_on"] == "blobs"
    assert Recipe(**json.loads(told["recipe"])) == replace(RECIPE, epochs=12)
    assert (told["seed"], told["epochs"]) == ("0", "12")
    assert float(told["validation_loss"]) == trained.validation_loss
    assert json.loads(told["test_auc"]) == trained.centre.as_json()
    assert json.loads(told["test_auc"])["Never"] is None
    assert len(told["dataset_fingerprint"]) == 64


def test_the_log_has_a_line_for_every_epoch(finished: tuple[Trained, list[Event]]) -> None:
    trained, _ = finished

    head, *lines, last = map(
        json.loads, trained.weights.with_suffix(".jsonl").read_text().splitlines()
    )

    assert head["recipe"]["epochs"] == 12
    assert [line["epoch"] for line in lines] == list(range(1, 13))
    assert lines[trained.best_epoch - 1]["validation_loss"] == trained.validation_loss
    assert set(lines[0]["validation_auc"]) == {"Left", "Below", "Never"}
    assert last["weights"] == trained.weights.name
    assert last["test_auc"] == trained.centre.as_json()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("precision", [Precision.SINGLE, Precision.MIXED])
def test_an_interrupted_training_ends_with_the_same_bytes(
    tmp_path: Path, precision: Precision
) -> None:
    def kill_in_the_third_epoch(event: Event) -> None:
        if getattr(event, "stage", "").endswith("epoch 3/4") and getattr(event, "done", 0) == 2:
            raise Killed

    (whole,) = train(config(tmp_path / "whole", precision=precision), silent)
    with pytest.raises(Killed):
        train(config(tmp_path / "cut", precision=precision), kill_in_the_third_epoch)
    seen: list[Event] = []
    (resumed,) = train(config(tmp_path / "cut", precision=precision), seen.append)

    assert [event.epoch for event in seen if isinstance(event, EpochFinished)] == [3, 4]
    assert resumed.weights.read_bytes() == whole.weights.read_bytes()


def test_more_epochs_may_be_added(tmp_path: Path) -> None:
    (whole,) = train(config(tmp_path / "whole"), silent)
    train(config(tmp_path / "more", recipe=replace(RECIPE, epochs=2)), silent)

    (more,) = train(config(tmp_path / "more"), silent)

    assert more.weights.read_bytes() == whole.weights.read_bytes()


def test_seeds_give_networks_of_their_own(tmp_path: Path) -> None:
    trained = train(
        config(tmp_path, seeds=(0, 3), half=True, recipe=replace(RECIPE, epochs=1)), silent
    )

    assert [one.weights.name for one in trained] == [
        "tiny-seed0.safetensors",
        "tiny-seed3.safetensors",
    ]
    first, second = (load_file(one.weights)["0.weight"] for one in trained)
    assert first.dtype is torch.float16
    assert not torch.equal(first, second)
    assert len(list((tmp_path / "pixels").iterdir())) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": replace(RECIPE, batch=4)}, "with batch 8, and this one has 4"),
        ({"dataset_options": {"seed": "2"}}, "with data .*, and this one has"),
        ({"precision": Precision.MIXED}, "with precision float32, and this one has bfloat16"),
        ({"recipe": replace(RECIPE, epochs=1)}, "holds 4 finished epochs, and 1 are asked for"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    train(config(tmp_path), silent)

    with pytest.raises(RunError, match=words):
        train(config(tmp_path, **changes), silent)


def test_a_torn_checkpoint_is_named(tmp_path: Path) -> None:
    train(config(tmp_path, recipe=replace(RECIPE, epochs=1)), silent)
    path = tmp_path / "tiny-seed0.checkpoint"
    path.write_bytes(path.read_bytes()[:1000])

    with pytest.raises(RunError, match=r"cannot read the checkpoint .*tiny-seed0\.checkpoint"):
        train(config(tmp_path), silent)


def test_a_loss_that_explodes_is_reported_with_advice(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"loss of epoch 1 is .*learning rate of 1e"):
        train(config(tmp_path, recipe=replace(RECIPE, learning_rate=1e30)), silent)

    assert list(tmp_path.glob("tiny*")) == []


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"model": "tinny"}, PluginError, "no model is called 'tinny'"),
        ({"model": "tiny:classes=a;b"}, UsageError, "has 2 classes, and the dataset 3"),
        ({"dataset": "unlabelled"}, PluginError, "unlabelled has no labelled images"),
        ({"device": "gpu7"}, UsageError, "gpu7"),
        ({"dataset_options": {"sead": "1"}}, UsageError, "sead"),
    ],
)
def test_what_cannot_start_writes_nothing(
    tmp_path: Path, changes: dict[str, object], error: type[Exception], words: str
) -> None:
    out = tmp_path / "out"

    with pytest.raises(error, match=words):
        train(config(out, **changes), silent)
    assert not list(tmp_path.rglob("tiny*"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seeds": (-1,)}, "seeds must not be negative, found -1"),
        ({"seeds": ()}, "found none"),
        ({"seeds": (1, 1)}, "a seed is given twice: 1, 1"),
        ({"workers": 0}, "workers must be 1 or more"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        config(tmp_path, **changes)


def test_trained_weights_of_other_classes_are_refused(tmp_path: Path) -> None:
    plugin = tmp_path / "trained.py"
    plugin.write_text(
        PLUGINS[0]
        .read_text()
        .replace('WeightsProvenance("untrained", "0" * 64, None)',
                 'WeightsProvenance("a file", "0" * 64, "blobs")')
    )  # fmt: skip

    with pytest.raises(UsageError, match="trained for other classes"):
        train(config(tmp_path / "out", plugins=(plugin,), model="tiny:classes=a;b;c"), silent)
