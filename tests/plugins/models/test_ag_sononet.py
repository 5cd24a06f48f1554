"""The paper's second network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gazebench.spec import ATTENTION, CAM_LAYERS, GRADIENTS, LOGITS
from gazebench_plugins.models.ag_sononet import SUMMED_POSITIONS, ag_sononet
from gazebench_plugins.models.sononet import sononet


@pytest.fixture(scope="module")
def model():
    return ag_sononet.function(weights="none", seed=1)


def test_the_trunk_is_that_of_sononet(model):
    other = sononet.function(weights="none")

    found, expected = (
        {key: value.shape for key, value in m.module.trunk.state_dict().items()}
        for m in (model, other)
    )
    assert found == expected


def test_gates_start_open(model):
    for gate in (model.module.attention1, model.module.attention2):
        assert gate.psi.bias.tolist() == [3.0]
        assert isinstance(gate.coefficients, nn.Sigmoid)


@pytest.mark.parametrize("size", [(272, 272), (75, 90)])
def test_logits_read_two_gated_sums_and_a_pooled_map(model, size):
    """logits = linear(concat(sum of gated conv3, sum of gated conv4, mean of conv5))."""
    module = model.module
    images = torch.randn(2, 1, *size, generator=torch.Generator().manual_seed(0))

    with torch.no_grad():
        found = module(images)
        _, _, conv3, conv4, conv5 = module.trunk(images)
        sums = [
            gate(features, conv5).flatten(2).sum(2) / positions
            for gate, features, positions in zip(
                (module.attention1, module.attention2),
                (conv3, conv4),
                SUMMED_POSITIONS,
                strict=True,
            )
        ]
        expected = module.classifier(torch.cat([*sums, conv5.flatten(2).mean(2)], 1))

    assert [conv3.shape[1], conv4.shape[1], conv5.shape[1]] == [64, 128, 128]
    assert module.classifier.in_features == 64 + 128 + 128
    torch.testing.assert_close(found, expected)


def test_a_gate_scales_features_by_coefficients_of_both_maps(model):
    """sigmoid(psi(ReLU(theta(features) + phi(gating)))), written with torch's own layers."""
    gate, generator = model.module.attention1, torch.Generator().manual_seed(2)
    features = torch.randn(2, 64, 12, 10, generator=generator)
    gating = torch.randn(2, 128, 3, 2, generator=generator)

    with torch.no_grad():
        found = gate(features, gating)
        theta = gate.theta(features)
        phi = nn.functional.interpolate(gate.phi(gating), theta.shape[-2:], mode="bilinear")
        alpha = torch.sigmoid(gate.psi(torch.relu(theta + phi)))
        expected = features * nn.functional.interpolate(alpha, (12, 10), mode="bilinear")

    torch.testing.assert_close(found, expected)


def test_it_declares_what_it_gives(model):
    assert model.provides == ag_sononet.provides == {LOGITS, GRADIENTS, CAM_LAYERS, ATTENTION}
    assert len(model.cam_layers) == 3
    assert model.attention_layers == ("attention1.coefficients", "attention2.coefficients")
    assert model.multilabel
