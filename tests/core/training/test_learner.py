from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from gazebench.training.device import Device
from gazebench.training.feed import Batch
from gazebench.training.learner import Judged, Learner
from gazebench.training.recipe import Recipe

CPU = Device(name="cpu", is_mixed=False)


def linear(seed: int = 0) -> torch.nn.Module:
    generator = torch.Generator().manual_seed(seed)
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    for parameter in module.parameters():
        parameter.data = torch.rand(parameter.shape, generator=generator)
    return module


def batches(count: int = 3) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(7)
    for index in range(count):
        images = torch.rand(5, 1, 2, 2, generator=generator)
        labels = (torch.rand(5, 2, generator=generator) < 0.5).float()
        yield Batch(images, labels, np.arange(5) + 5 * index)


def test_an_epoch_is_adam_on_binary_cross_entropy() -> None:
    recipe = Recipe(learning_rate=0.01, weight_decay=0.1)
    learner = Learner(linear(), recipe, CPU)
    expected = linear()
    adam = torch.optim.Adam(expected.parameters(), lr=0.01, weight_decay=0.1)
    losses = []
    for batch in batches():
        probability = torch.sigmoid(expected(batch.images))
        loss = -torch.where(batch.labels > 0, probability, 1 - probability).log().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())

    done: list[int] = []
    found = learner.epoch(batches(), done.append)

    assert found == pytest.approx(np.mean(losses), rel=1e-5)
    assert done == [1, 2, 3]
    for mine, other in zip(learner.module.parameters(), expected.parameters(), strict=True):
        assert torch.allclose(mine, other, atol=1e-6)


def test_the_loss_of_judged_images_is_torchs() -> None:
    logits = np.array([[3.0, -40.0], [0.0, 900.0]])
    labels = np.array([[1, 1], [0, 1]], dtype=np.float32)

    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.from_numpy(logits), torch.from_numpy(labels).double()
    )

    assert Judged(logits=logits, labels=labels).loss == pytest.approx(expected.item(), rel=1e-12)


def test_judging_changes_nothing() -> None:
    module = torch.nn.Sequential(torch.nn.BatchNorm2d(1), linear())
    learner = Learner(module, Recipe(), CPU)
    before = {name: value.clone() for name, value in module.state_dict().items()}

    learner.judge(batches())

    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_the_learning_rate_falls_after_the_patience_is_spent() -> None:
    recipe = Recipe(learning_rate=0.08, plateau_factor=0.25, plateau_patience=2)
    learner = Learner(linear(), recipe, CPU)

    rates = []
    for loss in (1.0, 0.5, 0.5, 0.6, 0.7, 0.4):
        learner.adapt(loss)
        rates.append(learner.learning_rate)

    assert rates == [0.08, 0.08, 0.08, 0.08, 0.02, 0.02]
