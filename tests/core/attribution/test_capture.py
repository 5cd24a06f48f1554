"""Gradients from one pass are those of a pass per class, and nothing stays behind."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explained import assert_unchanged, hook_and_backward, state_of
from gazebench.attribution.capture import caught_outputs, input_gradients, layer_gradients
from gazebench.errors import PluginError

CLASSES = 5


class Chain(nn.Module):
    """`first` feeds `second`, and both feed the logits; an in-place ReLU follows `first`."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.rectify = nn.ReLU(inplace=True)
        self.second = nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.MaxPool2d(2))
        self.classifier = nn.Linear(10, CLASSES)

    def forward(self, images):
        first = self.rectify(self.first(images))
        second = self.second(first)
        pooled = torch.cat([first.mean((-2, -1)), (second**2).mean((-2, -1))], 1)
        return self.classifier(pooled)


@pytest.fixture
def chain():
    torch.manual_seed(3)
    return Chain().eval()


@pytest.fixture
def images():
    return torch.randn(3, 1, 9, 11, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("names", [["first"], ["second"], ["first", "second"], ["second", "first"]])
def test_gradients_equal_hook_and_backward_per_class(chain, images, names):
    """A layer that feeds another has the total derivative; the in-place ReLU changes no record."""
    found = layer_gradients(chain, names, images, range(CLASSES))

    for row, image in enumerate(images):
        for label in range(CLASSES):
            slow = hook_and_backward(chain, names, image, label)
            for layer, (activations, gradients) in zip(found.layers, slow, strict=True):
                torch.testing.assert_close(layer.activations[row], activations)
                torch.testing.assert_close(layer.gradients[row, label], gradients)
    torch.testing.assert_close(found.logits, chain(images).detach())


def test_the_classes_asked_for_come_in_their_order(chain, images):
    (every,) = layer_gradients(chain, ["second"], images, range(CLASSES)).layers
    (some,) = layer_gradients(chain, ["second"], images, [3, 0]).layers

    torch.testing.assert_close(some.gradients, every.gradients[:, [3, 0]])


def test_input_gradients_equal_a_backward_pass_per_class(chain, images):
    logits, gradients = input_gradients(chain, images, [4, 1])

    for row in range(len(images)):
        for column, label in enumerate([4, 1]):
            leaf = images[row : row + 1].clone().requires_grad_()
            (expected,) = torch.autograd.grad(chain(leaf)[0, label], leaf)
            torch.testing.assert_close(gradients[row, column], expected[0])
    torch.testing.assert_close(logits, chain(images).detach())
    assert not images.requires_grad


@pytest.mark.parametrize(
    "explain",
    [
        lambda module, images: layer_gradients(module, ["first", "second"], images, [0, 1]),
        lambda module, images: input_gradients(module, images, [0, 1]),
    ],
)
def test_nothing_stays_behind(chain, images, explain):
    chain.first.weight.requires_grad_(False)
    before, pixels = state_of(chain), images.clone()

    explain(chain, images)

    assert_unchanged(chain, before)
    assert torch.equal(images, pixels)


def test_nothing_stays_behind_after_an_error(chain):
    before = state_of(chain)

    with pytest.raises(RuntimeError, match="channels"):
        layer_gradients(chain, ["first", "second"], torch.zeros(1, 2, 9, 9), [0])

    assert_unchanged(chain, before)


class Stubborn(torch.autograd.Function):
    """Twice the input, with a backward pass that leaves torch and so cannot be batched."""

    @staticmethod
    def forward(_ctx, values):
        return values * 2

    @staticmethod
    def backward(_ctx, gradient):
        return torch.from_numpy(gradient.numpy() * 2)


def test_operations_that_cannot_be_batched_are_done_class_by_class():
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.maps = nn.Conv2d(1, 2, 1)
            self.classifier = nn.Linear(2, 3)

        def forward(self, images):
            return self.classifier(Stubborn.apply(self.maps(images)).mean((-2, -1)))

    network = Network().eval()

    (layer,) = layer_gradients(network, ["maps"], torch.ones(2, 1, 4, 5), range(3)).layers

    expected = network.classifier.weight.detach()[:, :, None, None].expand(3, 2, 4, 5) * 2 / 20
    torch.testing.assert_close(layer.gradients, expected.expand(2, 3, 2, 4, 5))


def test_a_layer_the_logits_do_not_depend_on_has_no_gradient(images):
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.aside = nn.Conv2d(1, 2, 1), nn.Conv2d(1, 3, 1)

        def forward(self, images):
            self.aside(images)
            return self.used(images).mean((-2, -1))

    found = layer_gradients(Network().eval(), ["aside", "used"], images, [0, 1])

    assert not found.layers[0].gradients.any()
    assert found.layers[1].gradients.any()


def test_logits_cut_off_from_the_layers_are_refused(chain, images):
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = chain

        def forward(self, images):
            return self.inner(images).detach()

    with pytest.raises(PluginError, match="cannot be differentiated"):
        layer_gradients(Cut().eval(), ["inner.first"], images, [0])


def test_an_unknown_layer_is_refused_with_the_closest_name(chain, images):
    with pytest.raises(PluginError, match=r"Chain has no submodule 'secnd'\nDo: .*'second'"):
        layer_gradients(chain, ["first", "secnd"], images, [0])


def test_a_layer_that_is_never_called_is_refused(chain, images):
    chain.spare = nn.Conv2d(1, 1, 1)

    with pytest.raises(PluginError, match="'spare' took no part"):
        layer_gradients(chain, ["first", "spare"], images, [0])


def test_a_layer_that_gives_no_tensor_is_refused(images):
    class Pair(nn.Module):
        def forward(self, images):
            return images, images

    network = nn.Sequential(Pair())
    with (
        pytest.raises(PluginError, match="'0' gave a tuple, expected one tensor"),
        caught_outputs(network, ["0"]),
    ):
        network(images)
