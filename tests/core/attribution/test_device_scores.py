"""Scores on a device against those of the scoring kernels, on maps of every kind."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gazebench.attribution.device_scores import METRICS, DeviceTarget, device_scores
from gazebench.errors import UsageError
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Points, Size

SIZE = Size(61, 47)
EPSILON = 2.220446e-16
DEVICES = [
    "cpu",
    pytest.param(
        "cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here"),
    ),
]


@pytest.fixture(scope="module")
def target() -> Target:
    rng = np.random.default_rng(0)
    densities = rng.random((4, *SIZE)).astype(np.float32) ** 4
    densities[:, :5] = 0
    densities /= densities.sum(axis=(1, 2), keepdims=True)
    points = tuple(
        Points(rng.integers(SIZE.height, size=20), rng.integers(SIZE.width, size=20))
        for _ in range(3)
    )
    return Target(size=SIZE, references=densities[:3], centre_bias=densities[3], fixations=points)


def maps() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    normal = rng.normal(size=SIZE).astype(np.float32)
    region = normal.copy()
    region[:40] = 0.5
    return {
        "random": normal,
        "tied": np.round(normal),
        "binary": (normal > 0).astype(np.float32),
        "constant": np.full(SIZE, 0.3, np.float32),
        "constant region": region,
        "heavy-tailed": (np.abs(rng.standard_cauchy(SIZE)) ** 3).astype(np.float32),
        "tiny": (np.abs(normal) * 1e-30).astype(np.float32),
        "zeros": np.zeros(SIZE, np.float32),
    }


def on_cpu(values: np.ndarray, target: Target) -> dict[str, np.ndarray]:
    scored = ScoredMap(values, target, exact=True)
    assert target.centre_bias is not None
    ncc = scored.ncc(target.references)
    nan = np.full(3, np.nan)
    nss = [(scored.at(p).mean() - scored.mean) / (scored.deviation or 1) for p in target.fixations]
    crossed = scored.cross_entropies(target.references, EPSILON)
    return {
        "ncc": ncc,
        "sncc": ncc - scored.ncc(target.centre_bias[None]),
        "auc": scored.ranks(None).auc(target.references),
        "sauc": scored.ranks(target.centre_bias).auc(target.references),
        "nss": nan if scored.is_constant else np.array(nss),
        "kl": np.maximum(crossed - target.entropies, 0),
        "sim": scored.intersections(target.references),
    }


def on_device(target: Target, device: str) -> DeviceTarget:
    return DeviceTarget(target.references, target.centre_bias, target.fixations, device=device)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", maps())
def test_scores_are_those_of_the_kernels(name: str, device: str, target: Target) -> None:
    values = maps()[name]
    stack = torch.from_numpy(np.stack([values, maps()["random"]])).to(device)

    found = device_scores(stack, on_device(target, device), tuple(METRICS))

    for row, of in enumerate((values, maps()["random"])):
        for metric, expected in on_cpu(of, target).items():
            scores = found[metric][row].cpu().numpy()
            np.testing.assert_allclose(scores, expected, atol=2e-6, err_msg=f"{metric} of {row}")


@pytest.mark.parametrize("device", DEVICES)
def test_coarse_maps_are_stretched_as_on_the_cpu(device: str, target: Target) -> None:
    rng = np.random.default_rng(2)
    grids = rng.normal(size=(2, 7, 6)).astype(np.float32)
    rows = AxisMap.linear(SIZE.height, 7, scale=5.5 / SIZE.height, offset=0.7)
    upsampling = Upsampling(rows, AxisMap.resizing(SIZE.width, 6))

    found = device_scores(
        torch.from_numpy(grids).to(device), on_device(target, device), ("ncc", "auc"), upsampling
    )

    for row, grid in enumerate(grids):
        expected = on_cpu(upsampling.apply(grid), target)
        for metric in ("ncc", "auc"):
            scores = found[metric][row].cpu().numpy()
            np.testing.assert_allclose(scores, expected[metric], atol=1e-5)


def test_a_map_that_is_not_finite_is_named(target: Target) -> None:
    stack = torch.zeros(2, *SIZE)
    stack[1, 3, 3] = float("inf")

    with pytest.raises(ValueError, match="map 1 holds NaN or infinity"):
        device_scores(stack, on_device(target, "cpu"), ("auc",))


def test_a_map_of_another_size_is_refused(target: Target) -> None:
    with pytest.raises(ValueError, match=r"map 0 is \(5, 5\)"):
        device_scores(torch.zeros(1, 5, 5), on_device(target, "cpu"), ("auc",))


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("emd", "'emd' is not scored on a device"),
        ("sauc", "sauc needs a centre bias"),
        ("nss", "nss needs fixations"),
    ],
)
def test_what_the_target_lacks_is_said(metric: str, message: str, target: Target) -> None:
    bare = DeviceTarget(target.references)

    with pytest.raises(UsageError, match=message):
        device_scores(torch.zeros(1, *SIZE), bare, (metric,))


@pytest.mark.parametrize("scale", [1e300, 1e-300], ids=str)
def test_a_scale_that_float32_cannot_hold_changes_no_score(scale: float, target: Target) -> None:
    values = torch.from_numpy(maps()["random"].astype(np.float64))
    known = on_device(target, "cpu")

    found = device_scores(values[None] * scale, known, tuple(METRICS))

    for metric, expected in device_scores(values[None], known, tuple(METRICS)).items():
        torch.testing.assert_close(found[metric], expected, rtol=0, atol=1e-6)


def test_no_maps_have_no_scores(target: Target) -> None:
    found = device_scores(torch.zeros(0, *SIZE), on_device(target, "cpu"), ("auc",))

    assert found["auc"].shape == (0, 3)


def test_scores_do_not_hold_on_to_the_graph(target: Target) -> None:
    values = torch.from_numpy(maps()["random"])[None].requires_grad_()

    assert not device_scores(values, on_device(target, "cpu"), ("ncc",))["ncc"].requires_grad


@pytest.mark.parametrize("row", [-1, SIZE.height])
def test_a_fixation_off_the_image_is_refused(row: int, target: Target) -> None:
    off = Points(np.array([row]), np.array([0]))

    with pytest.raises(ValueError, match="a fixation of reading 2 is off the image"):
        DeviceTarget(target.references, fixations=(*target.fixations[:2], off))


@pytest.mark.parametrize("filling", [np.nan, 0.0])
def test_a_reference_that_is_no_density_is_refused(filling: float, target: Target) -> None:
    references = target.references.copy()
    references[1] = filling

    with pytest.raises(ValueError, match="not finite or has no mass"):
        DeviceTarget(references)
