"""Grad-CAM of all classes at once equals a hook and a backward pass per class."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional

from explained import assert_unchanged, gradcam_class_by_class, loaded, state_of
from gazebench.attribution.explain import Explainer
from gazebench.spec import LayerGradient
from gazebench_plugins.methods.gradcam import gradcam
from gazebench_plugins.models.ag_sononet import ag_sononet
from gazebench_plugins.models.sononet import sononet
from gazebench_plugins.models.timm_model import timm_model

CLASSES = [0, 3, 13]


@pytest.fixture(scope="module", params=["sononet", "ag_sononet", "timm/resnet18"])
def model(request):
    """A network with random weights whose normalisations are not at identity either."""
    if request.param == "timm/resnet18":
        labels = ";".join(map(str, range(14)))
        found = timm_model.function("resnet18", weights="none", classes=labels, channels=1)
    else:
        plugin = {"sononet": sononet, "ag_sononet": ag_sononet}[request.param]
        found = plugin.function(weights="none")
    generator = torch.Generator().manual_seed(5)
    for layer in found.module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.3, generator=generator)
            layer.running_var.uniform_(0.5, 2, generator=generator)
    return found


@pytest.fixture
def images():
    return torch.randn(3, 1, 75, 90, generator=torch.Generator().manual_seed(6))


def test_maps_equal_a_pass_per_class(model, images):
    found = gradcam.function(Explainer(model), images, CLASSES)

    expected = gradcam_class_by_class(model.module, model.cam_layers, images, CLASSES)
    assert found.shape == expected.shape
    assert (expected > 0).any()
    assert (found - expected).abs().max() <= 1e-5 * expected.max()


def test_the_model_is_left_as_it_was(model, images):
    explainer, before, pixels = Explainer(model), state_of(model.module), images.clone()

    gradcam.function(explainer, images, CLASSES)

    assert_unchanged(model.module, before)
    assert torch.equal(images, pixels)


def test_an_image_has_the_same_maps_in_any_batch(model, images):
    explainer = Explainer(model)

    together = gradcam.function(explainer, images, CLASSES)

    for row in range(len(images)):
        alone = gradcam.function(explainer, images[row : row + 1], CLASSES)
        assert (together[row] - alone[0]).abs().max() <= 1e-5 * together.max()


def test_maps_of_sononet_are_the_evidence_that_its_classifier_sums():
    """The CAM layer is pooled and read linearly, so weights are the classifier's own / (h w)."""
    model = sononet.function(weights="none", seed=2)
    images = torch.randn(2, 1, 64, 80, generator=torch.Generator().manual_seed(7))

    found = gradcam.function(Explainer(model), images, range(14))

    with torch.no_grad():
        maps = model.module.adaptation(model.module.trunk(images)[-1])
        evidence = torch.einsum("ck,bkhw->bchw", model.module.classifier.weight, maps) / (4 * 5)
    assert found.shape == (2, 14, 4, 5)
    torch.testing.assert_close(found, evidence.relu(), atol=1e-5, rtol=1e-4)


def test_several_layers_are_enlarged_added_divided_by_all_channels_and_rectified_last():
    """Protocol section 5, with layers whose evidence has opposite signs."""
    generator = torch.Generator().manual_seed(8)
    shapes = [(5, 4, 5), (3, 16, 20), (7, 8, 9)]
    layers = [
        LayerGradient(
            torch.randn(2, *shape, generator=generator),
            torch.randn(2, 4, *shape, generator=generator),
        )
        for shape in shapes
    ]
    model = SimpleNamespace(layer_gradients=lambda _images, _classes: layers)

    found = gradcam.function(model, torch.zeros(2, 1, 64, 80), range(4))

    total = torch.zeros(2, 4, 64, 80, dtype=torch.float64)
    for activations, gradients in layers:
        weights = gradients.double().mean((3, 4))[..., None, None]
        grid = (weights * activations.double()[:, None]).sum(2)
        total += functional.interpolate(grid, (64, 80), mode="bilinear")
    expected = (total / (5 + 3 + 7)).clamp(min=0)
    assert 0.2 < (expected == 0).double().mean() < 0.8
    torch.testing.assert_close(found.double(), expected, atol=1e-6, rtol=1e-5)


def test_a_layer_of_no_positive_evidence_has_an_empty_map():
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    nn.init.constant_(network[0].weight, 1.0)
    nn.init.zeros_(network[0].bias)
    explainer = Explainer(loaded(network, ["a"], cam_layers=("0",)))

    found = gradcam.function(explainer, -torch.ones(1, 1, 3, 4), [0])

    assert torch.equal(found, torch.zeros(1, 1, 3, 4))
