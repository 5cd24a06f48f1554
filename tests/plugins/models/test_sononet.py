"""The paper's first network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gazebench.spec import CAM_LAYERS, GRADIENTS, LOGITS, Size
from gazebench_plugins.chexpert import CHEXPERT_LABELS
from gazebench_plugins.models.sononet import sononet

TRUNK = [(1, 16), (16, 16), (16, 16), (16, 32), (32, 32), (32, 32), (32, 64), (64, 64), (64, 64),
         (64, 128), (128, 128), (128, 128), (128, 128)]  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return sononet.function(weights="none")


def test_the_trunk_has_3_3_3_2_2_convolutions_of_16_to_128_channels(model):
    found = [m for m in model.module.trunk.modules() if isinstance(m, nn.Conv2d)]

    assert [(m.in_channels, m.out_channels) for m in found] == TRUNK
    assert {m.kernel_size for m in found} == {(3, 3)}
    assert [len(block) for block in model.module.trunk.blocks] == [3, 3, 3, 2, 2]


def test_adaptation_and_classifier_narrow_to_the_labels(model):
    found = [tuple(m.weight.shape) for m in model.module.adaptation if isinstance(m, nn.Conv2d)]

    assert found == [(64, 128, 1, 1), (32, 64, 1, 1)]
    assert tuple(model.module.classifier.weight.shape) == (14, 32)


@pytest.mark.parametrize("size", [(272, 224), (75, 90), (64, 64)])
def test_any_size_gives_fourteen_logits(model, size):
    with torch.no_grad():
        assert model.module(torch.zeros(2, 1, *size)).shape == (2, 14)


def test_every_block_halves_the_grid(model):
    with torch.no_grad():
        maps = model.module.trunk(torch.zeros(1, 1, 64, 96))

    assert [tuple(m.shape[1:]) for m in maps] == [
        (16, 64, 96), (32, 32, 48), (64, 16, 24), (128, 8, 12), (128, 4, 6)
    ]  # fmt: skip


def test_it_sees_films_as_the_paper_does(model):
    placement = model.preprocessing.geometry.place(Size(3056, 2544))

    assert placement.scaled == (272, 224)
    assert placement.canvas == (272, 272)
    assert model.preprocessing.channels == 1


def test_it_declares_what_it_gives(model):
    assert model.provides == sononet.provides == {LOGITS, GRADIENTS, CAM_LAYERS}
    assert model.cam_layers == ("adaptation",)
    assert model.class_names == CHEXPERT_LABELS
    assert model.multilabel
    assert not any(m.training for m in model.module.modules())


def test_random_weights_come_from_the_seed_alone():
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)

    first, again, other = (sononet.function(weights="none", seed=seed) for seed in (4, 4, 5))

    assert torch.equal(torch.rand(3), expected)
    assert first.weights == again.weights
    assert first.weights.sha256 != other.weights.sha256
    assert first.weights.trained_on is None
    assert torch.equal(first.module.classifier.weight, again.module.classifier.weight)
