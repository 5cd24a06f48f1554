"""Attention coefficients as maps."""

from __future__ import annotations

import pytest
import torch

from gazebench.attribution.explain import Explainer
from gazebench.errors import PluginError
from gazebench_plugins.methods.attention import attention
from gazebench_plugins.models.ag_sononet import ag_sononet


@pytest.fixture(scope="module")
def explainer():
    return Explainer(ag_sononet.function(weights="none"))


@pytest.fixture
def images():
    return torch.randn(2, 1, 64, 80, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("gate", [1, 2])
def test_the_gate_counted_from_one_is_shown(explainer, images, gate):
    found = attention.function(explainer, images, range(14), gate=gate)

    module = explainer.module
    with torch.no_grad():
        _, _, conv3, conv4, conv5 = module.trunk(images)
        features = (conv3, conv4)[gate - 1]
        gated = (module.attention1, module.attention2)[gate - 1](features, conv5)
        enlarged = torch.nn.functional.interpolate(
            found[:, None], features.shape[-2:], mode="bilinear"
        )
    torch.testing.assert_close(enlarged * features, gated)
    assert found.min() > 0
    assert found.max() < 1


@pytest.mark.parametrize("gate", [0, 3, -1])
def test_a_gate_that_does_not_exist_is_refused(explainer, images, gate):
    with pytest.raises(PluginError, match=rf"no gate {gate}: the network has 2\nDo: .*1 to 2"):
        attention.function(explainer, images, range(14), gate=gate)
