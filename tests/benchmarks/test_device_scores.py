"""Scores as torch operations beside the kernels' scores, on the same inputs.

On the CPU both: it tells what scoring on a device costs where there is no GPU, not how fast a GPU
is. Where torch finds one, the same scores are measured there too, and skipped with a reason where
it does not. One thread, as the kernels have; what belongs to the readings is known to both.
One map of three, to save time: beside the kernels torch does a little better on a map with a
plateau, and half as well on noise, for which it takes twice as long and the kernels no longer.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gazebench.attribution.device_scores import DeviceTarget, device_scores
from gazebench.gaze.buffers import Buffers
from gazebench.scoring.scored_map import ScoredMap

PAPER = ("ncc", "sncc", "auc", "sauc")
GROUP = "NCC, sNCC, AUC and sAUC, five readings"
ONE_MAP = pytest.mark.parametrize("saliency_map", ["class activation map"], indirect=True)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=["cpu", "cuda"])
def on_device(request, target):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    return request.param, DeviceTarget(target.references, target.centre_bias, device=request.param)


def by_kernels(values, target, buffers, **how):
    made = ScoredMap(values, target, buffers=buffers, **how)
    ncc = made.ncc(target.references)
    return {
        "ncc": ncc,
        "sncc": ncc - made.ncc(target.centre_bias[None]),
        "auc": made.ranks(None).auc(target.references),
        "sauc": made.ranks(target.centre_bias).auc(target.references),
    }


@ONE_MAP
@pytest.mark.benchmark(group=GROUP)
def test_scores_by_kernels(benchmark, saliency_map, target):
    arguments = (saliency_map, target, Buffers())
    by_kernels(*arguments)

    assert benchmark.pedantic(by_kernels, arguments, rounds=3).keys() == set(PAPER)


@ONE_MAP
@pytest.mark.benchmark(group=GROUP)
def test_scores_on_a_device(benchmark, saliency_map, target, on_device):
    device, known = on_device
    benchmark.extra_info["beside"] = f"torch on {device}, exact"
    maps = torch.from_numpy(saliency_map)[None].to(device)

    def scores():
        found = device_scores(maps, known, PAPER)
        return {name: one[0].cpu().numpy() for name, one in found.items()}  # waits for the device

    found = benchmark.pedantic(scores, rounds=1, warmup_rounds=int(device == "cuda"))

    expected = by_kernels(saliency_map, target, Buffers(), exact=True)
    for name in PAPER:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-6)
