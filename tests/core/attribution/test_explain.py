"""What methods see of a model."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explained import loaded
from gazebench.attribution.explain import Explainer
from gazebench.errors import PluginError


class Counting(nn.Module):
    """A small network that counts its forward passes."""

    def __init__(self):
        super().__init__()
        self.maps = nn.Conv2d(1, 3, 3)
        self.coefficients = nn.Conv2d(1, 1, 3)
        self.classifier = nn.Linear(3, 2)
        self.passes = 0

    def forward(self, images):
        self.passes += 1
        weighted = self.maps(images) * self.coefficients(images)
        return self.classifier(weighted.mean((-2, -1)))


@pytest.fixture
def images():
    return torch.randn(2, 1, 6, 7, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def explainer():
    torch.manual_seed(0)
    return Explainer(
        loaded(Counting(), ["a", "b"], cam_layers=("maps",), attention_layers=("coefficients",))
    )


@pytest.mark.parametrize(
    "explain",
    [
        lambda e, images: e.logits(images),
        lambda e, images: e.gradient(images, [0]),
        lambda e, images: e.layer_gradients(images, [1]),
        lambda e, images: e.attention(images),
    ],
)
def test_logits_of_images_just_seen_need_no_second_pass(explainer, images, explain):
    expected = explainer.module(images).detach()
    explain(explainer, images)
    passes = explainer.module.passes

    found = explainer.logits(images)

    assert explainer.module.passes == passes
    torch.testing.assert_close(found, expected)
    assert not found.requires_grad


def test_other_or_changed_images_are_not_mistaken_for_those_just_seen(explainer, images):
    first = explainer.logits(images)

    assert not torch.equal(explainer.logits(images + 1), first)
    explainer.logits(images)
    images += 1
    assert not torch.equal(explainer.logits(images), first)


def test_gradient_has_a_plane_per_class_and_channel(explainer, images):
    found = explainer.gradient(images, [1, 0, 1])

    assert found.shape == (2, 3, 1, 6, 7)
    torch.testing.assert_close(found[:, 0], found[:, 2])


def test_attention_is_one_plane_per_image(explainer, images):
    (found,) = explainer.attention(images)

    torch.testing.assert_close(found, explainer.module.coefficients(images)[:, 0].detach())


def test_an_attention_layer_of_many_channels_is_refused(images):
    explainer = Explainer(loaded(Counting(), ["a", "b"], attention_layers=("maps",)))

    with pytest.raises(PluginError, match=r"'maps' gave shape \(2, 3, 4, 5\), expected \[B, 1, h"):
        explainer.attention(images)


def test_a_cam_layer_without_maps_is_refused(images):
    explainer = Explainer(loaded(Counting(), ["a", "b"], cam_layers=("classifier",)))

    with pytest.raises(PluginError, match=r"'classifier' gave shape \(2, 2\), expected \[B, K"):
        explainer.layer_gradients(images, [0])


def test_a_model_without_declared_layers_says_so(images):
    explainer = Explainer(loaded(Counting(), ["a", "b"]))

    with pytest.raises(PluginError, match="declares no CAM layer"):
        explainer.layer_gradients(images, [0])
    with pytest.raises(PluginError, match="declares no attention layer"):
        explainer.attention(images)


def test_logits_must_match_the_class_names(images):
    explainer = Explainer(loaded(Counting(), ["a", "b", "c"]))

    with pytest.raises(PluginError, match=r"logits of shape \(2, 2\), expected \(2, 3\)"):
        explainer.logits(images)


def test_the_module_is_put_into_evaluation_mode():
    model = loaded(Counting(), ["a", "b"])
    model.module.train()

    assert not any(m.training for m in Explainer(model).module.modules())
