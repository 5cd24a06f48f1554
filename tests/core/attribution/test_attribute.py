"""What a method returns is checked before anything is scored."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explained import loaded
from gazebench.attribution.attribute import attribute
from gazebench.attribution.explain import Explainer
from gazebench.errors import PluginError
from gazebench.registry.plugin import Plugin
from gazebench.spec import method

IMAGES = torch.zeros(2, 1, 4, 4)


def returning(found, **declared):
    descriptor = method(needs=set(), title="Maps", **declared)(lambda *_arguments: found)
    return Plugin(
        kind="method", name="maps", label="maps:a=1", descriptor=descriptor, parameters={},
        distribution="here", version="1", origin="maps.py", code_hash=None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def explainer():
    return Explainer(loaded(nn.Sequential(nn.Flatten(), nn.Linear(16, 3)), ["a", "b", "c"]))


def test_maps_of_every_class_are_taken_as_they_are(explainer):
    maps = torch.randn(2, 3, 5, 6, requires_grad=True)

    found = attribute(returning(maps), explainer, IMAGES)

    assert torch.equal(found.maps, maps)
    assert not found.maps.requires_grad
    assert not found.class_free


def test_class_free_maps_have_no_class_axis(explainer):
    found = attribute(returning(torch.ones(2, 5, 6), class_free=True), explainer, IMAGES)

    assert found.class_free
    assert found.maps.shape == (2, 5, 6)


def test_half_precision_becomes_single(explainer):
    found = attribute(returning(torch.ones(2, 3, 5, 6).half()), explainer, IMAGES)

    assert found.maps.dtype == torch.float32


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_one_bad_image_is_flagged_and_costs_no_other(explainer, bad):
    maps = torch.zeros(2, 3, 5, 6)
    maps[1, 2, 0, 0] = bad

    assert attribute(returning(maps), explainer, IMAGES).is_finite.tolist() == [True, False]


@pytest.mark.parametrize(
    ("found", "declared", "says"),
    [
        (None, {}, "a NoneType, expected a tensor"),
        (np.zeros((2, 3, 5, 6), np.float32), {}, "a ndarray, expected a tensor"),
        (torch.zeros(2, 5, 6), {}, r"shape \(2, 5, 6\), expected shape \[2, 3, h, w\]"),
        (torch.zeros(2, 4, 5, 6), {}, r"shape \(2, 4, 5, 6\), expected shape \[2, 3, h, w\]"),
        (torch.zeros(1, 3, 5, 6), {}, r"shape \(1, 3, 5, 6\), expected shape \[2, 3, h, w\]"),
        (torch.zeros(2, 3, 5, 6), {"class_free": True}, r"expected shape \[2, h, w\]"),
        (torch.zeros(2, 3, 5, 6, dtype=torch.int64), {}, "int64 .* expected floating point"),
        (torch.zeros(2, 3, 0, 6), {}, r"\(2, 3, 0, 6\), expected floating point"),
    ],
)
def test_anything_else_is_refused_by_name(explainer, found, declared, says):
    with pytest.raises(PluginError, match=f"the method maps:a=1 returned .*{says}"):
        attribute(returning(found, **declared), explainer, IMAGES)
