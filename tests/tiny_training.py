"""A plugin file with a tiny network and a tiny labelled dataset, for tests of training."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench import dataset, model
from gazebench.spec import (
    LoadedModel,
    Preprocessing,
    ShortSideThenPad,
    TrainingSample,
    WeightsProvenance,
)

SPLITS = ("train",) * 24 + ("validate",) * 12 + ("test",) * 12


class Blobs:
    """Noise with a bright patch left (class 0) or below (class 1); class 2 never occurs."""

    class_names = ("Left", "Below", "Never")

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def samples(self) -> list[TrainingSample]:
        rng = np.random.default_rng(self._seed)
        found = []
        for index, split in enumerate(SPLITS):
            labels = (float(rng.random() < 0.5), float(rng.random() < 0.5), 0.0)
            if index % 12 < 2:  # both answers in every split
                labels = (float(index % 12), float(1 - index % 12), 0.0)
            found.append(TrainingSample(f"image{index}", f"subject{index}", split, labels))
        return found

    def image(self, sample: TrainingSample) -> NDArray[np.uint8]:
        index = int(sample.id.removeprefix("image"))
        image = np.random.default_rng([self._seed, index]).integers(0, 90, (36 + index % 3, 32))
        image[14:20, 2:8] += 150 * int(sample.labels[0])
        image[26:32, 13:19] += 150 * int(sample.labels[1])
        return image.astype(np.uint8)


def train_on_blobs(root: object, *, seed: int = 1) -> Blobs:
    assert root is None, "blobs are made, not read"
    return Blobs(seed)


@dataset(restricted=False, needs_root=False, training=train_on_blobs)
def blobs(root, *, seed: int = 1):  # type: ignore[no-untyped-def]
    """Open nothing: these images are for training."""
    raise NotImplementedError


@dataset(restricted=False, needs_root=False)
def unlabelled(root):  # type: ignore[no-untyped-def]
    """Open nothing: there are no labels."""
    raise NotImplementedError


@model(provides={"logits", "gradients"})
def tiny(*, seed: int = 0, weights: str = "phantom", classes: str = "a;b;c;d"):  # type: ignore[no-untyped-def]
    """Build two convolutions with everything that keeps state: batch norm and dropout."""
    assert weights == "none", "a training starts untrained"
    labels = tuple(classes.split(";"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = torch.nn.Sequential(
            torch.nn.Conv2d(1, 8, 3, padding=1),
            torch.nn.BatchNorm2d(8),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.1),
            torch.nn.AvgPool2d(4),
            torch.nn.Flatten(2),
            torch.nn.AdaptiveMaxPool1d(16),
            torch.nn.Flatten(1),
            torch.nn.Linear(128, len(labels)),
        )
    return LoadedModel(
        module=module.eval(),
        class_names=labels,
        preprocessing=Preprocessing(
            geometry=ShortSideThenPad(short_side=32, multiple=8),
            channels=1,
            mean=(0.2,),
            std=(0.3,),
        ),
        provides=frozenset({"logits", "gradients"}),
        weights=WeightsProvenance("untrained", "0" * 64, None),
    )
