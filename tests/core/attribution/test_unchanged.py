"""Networks are as they were, of whatever make."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gazebench.attribution.unchanged import Unchanged


def test_everything_that_was_changed_is_put_back() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).eval()
    images = torch.rand(2, 1, 6, 6)
    before = network(images)
    unchanged = Unchanged(network)

    network.train()(images)
    network[0].weight.data.mul_(2)
    network[1] = nn.Identity()

    assert unchanged.put_back().startswith("the mode of the network and ")
    assert unchanged.put_back() == ""
    assert torch.equal(network(images), before)


def test_weights_that_are_not_numbers_are_unchanged_too() -> None:
    network = nn.Linear(1, 1)
    nn.init.constant_(network.weight, float("nan"))

    assert Unchanged(network).put_back() == ""


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_programs_have_little_to_change() -> None:
    """A frozen TorchScript module has neither weights nor a mode."""
    frozen = torch.jit.freeze(torch.jit.script(nn.Linear(1, 1).eval()))

    assert Unchanged(frozen).put_back() == ""
