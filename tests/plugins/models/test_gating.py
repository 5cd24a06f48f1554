"""The gates' matrix products are torch's own operations, forwards and backwards."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from gazebench_plugins.models.gating import enlarged, gated, pointwise


def drawn(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("size", [(7, 9), (3, 4), (1, 1), (2, 8)])
def test_enlarging_is_bilinear_interpolation(size):
    maps = drawn(2, 5, 3, 4)

    expected = functional.interpolate(maps, size, mode="bilinear")

    torch.testing.assert_close(enlarged(maps, size), expected)


def test_a_pointwise_product_is_a_convolution():
    layer, maps = nn.Conv2d(5, 3, 1).double(), drawn(2, 5, 3, 4)

    torch.testing.assert_close(pointwise(layer, maps), layer(maps))


@pytest.mark.parametrize("read", [lambda m: m.sum((-2, -1)), lambda m: (m**2).mean((-2, -1))])
@pytest.mark.parametrize("features_are_learnt", [True, False])
def test_gradients_through_the_gate_are_those_of_a_product(read, features_are_learnt):
    """Constant over space behind a sum, and not so behind a square."""
    features = drawn(2, 5, 3, 4).requires_grad_(features_are_learnt)
    alpha = drawn(2, 1, 3, 4).sigmoid().requires_grad_()
    inputs = [features, alpha] if features_are_learnt else [alpha]
    found, expected = (
        torch.stack(
            [
                torch.cat(
                    [g.flatten() for g in torch.autograd.grad(out, inputs, retain_graph=True)]
                )
                for out in read(product).sum(0)
            ]
        )
        for product in (gated(features, alpha), features * alpha)
    )
    summed = read(gated(features, alpha)).sum(0)
    batched = torch.vmap(lambda v: torch.autograd.grad(summed, inputs, v, retain_graph=True))(
        torch.eye(5, dtype=torch.float64)
    )

    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.cat([g.flatten(1) for g in batched], 1), expected)
