"""Grad-CAM of fourteen classes beside a bare forward pass, and beside a pass per class.

Run with `pytest tests/benchmarks/test_gradcam.py --benchmark-only`. Within a group the numbers in
parentheses are ratios; the last test takes both by turns in one run and holds the ratio to what is
promised.
"""

from __future__ import annotations

import statistics
import time

import pytest
import torch

from explained import gradcam_class_by_class
from gazebench.attribution.explain import Explainer
from gazebench_plugins.methods.gradcam import gradcam
from gazebench_plugins.models.ag_sononet import ag_sononet
from gazebench_plugins.models.sononet import sononet
from gazebench_plugins.models.timm_model import timm_model

CLASSES = range(14)
ROUNDS = 25
PROMISED = {"sononet": 1.2, "ag_sononet": 1.6, "timm/resnet50": 1.2}  # forward passes


@pytest.fixture(scope="module", params=PROMISED)
def model(request):
    if request.param == "sononet":
        return request.param, sononet.function()
    if request.param == "ag_sononet":
        return request.param, ag_sononet.function()
    labels = ";".join(map(str, CLASSES))
    return request.param, timm_model.function("resnet50", weights="none", classes=labels)


@pytest.fixture(params=[1, 8], ids=lambda size: f"batch {size}")
def images(request, model):
    shape = (3, 224, 224) if model[0] == "timm/resnet50" else (1, 272, 272)
    return torch.randn(request.param, *shape, generator=torch.Generator().manual_seed(0))


def forward(module, images):
    with torch.no_grad():
        return module(images)


def test_forward_pass(benchmark, model, images):
    benchmark.group = f"{model[0]}, batch {len(images)}"

    assert benchmark(forward, model[1].module, images).shape == (len(images), len(CLASSES))


def test_gradcam(benchmark, model, images):
    benchmark.group = f"{model[0]}, batch {len(images)}"

    found = benchmark(gradcam.function, Explainer(model[1]), images, CLASSES)

    assert found.shape[:2] == (len(images), len(CLASSES))


def test_gradcam_by_a_pass_per_class(benchmark, model, images):
    if len(images) > 1:
        pytest.skip("an image alone tells enough")
    benchmark.group = f"{model[0]}, batch 1"
    slow = (model[1].module, model[1].cam_layers, images, CLASSES)

    expected = benchmark.pedantic(gradcam_class_by_class, slow, rounds=1)

    found = gradcam.function(Explainer(model[1]), images, CLASSES)
    assert (found - expected).abs().max() <= 1e-5 * expected.max()


def test_gradcam_costs_what_is_promised(benchmark, model, images):
    name, loaded = model
    explainer = Explainer(loaded)
    ratios = []

    def both():
        start = time.perf_counter()
        forward(loaded.module, images)
        between = time.perf_counter()
        gradcam.function(explainer, images, CLASSES)
        ratios.append((time.perf_counter() - between) / (between - start))

    benchmark.group = f"forward pass and Grad-CAM by turns: {name}, batch {len(images)}"
    benchmark.pedantic(both, rounds=ROUNDS, warmup_rounds=2)

    benchmark.extra_info["gradcam_per_forward"] = statistics.median(ratios)
    assert statistics.median(ratios) <= PROMISED[name]
