"""AUC and shuffled AUC of five readings, exact, beside the published sampling of pixels.

Run with `pytest tests/benchmarks --benchmark-only`; read the ratios, not the seconds.
"""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.gaze.resample import resize
from gazebench.scoring.scored_map import ScoredMap
from gazebench.spec.values import Size

SIZE = Size(2544, 3056)
DRAWN = 1000  # positives, and as many negatives, of the published estimate


@pytest.fixture(scope="module")
def densities():
    """Five references and a centre bias, smooth and of native size."""
    rng = np.random.default_rng(0)
    stack = np.stack([resize(rng.random((20, 24)).astype(np.float32) ** 4, SIZE) for _ in range(6)])
    return stack / stack.sum(axis=(1, 2), keepdims=True)


@pytest.fixture(scope="module", params=["class activation map", "rectified", "noise"])
def saliency_map(request):
    rng = np.random.default_rng(1)
    grid = rng.normal(size=(17, 14)).astype(np.float32)
    if request.param == "noise":
        return rng.normal(size=SIZE).astype(np.float32)
    values = resize(grid, SIZE)
    return np.maximum(values, 0) if request.param == "rectified" else values


def exact(values, references, bias):
    scored = ScoredMap(values)
    return scored.ranks(None).auc(references), scored.ranks(bias).auc(references)


def sampled(values, references, bias, rng):
    """The published estimate: 1,000 + 1,000 random pixels a score, areas by scikit-learn."""
    from sklearn.metrics import roc_auc_score

    flat, labels = values.ravel(), np.repeat([1, 0], DRAWN)
    found = []
    for negatives in (np.full(flat.size, 1 / flat.size, np.float32), bias.ravel()):
        for reference in references:
            drawn = [_draw(flat, weights, rng) for weights in (reference.ravel(), negatives)]
            found.append(roc_auc_score(labels, np.concatenate(drawn)))
    return np.reshape(found, (2, -1))


def _draw(flat, weights, rng):
    weights = weights.astype(np.float64)
    return flat[rng.choice(flat.size, DRAWN, p=weights / weights.sum())]


@pytest.mark.benchmark(group="auc and sauc, five readings")
def test_exact_expectation(benchmark, saliency_map, densities):
    found = benchmark(exact, saliency_map, densities[:5], densities[5])

    assert np.shape(found) == (2, 5)


@pytest.mark.benchmark(group="auc and sauc, five readings")
def test_sampled_estimate(benchmark, saliency_map, densities):
    rng = np.random.default_rng(2)

    found = benchmark.pedantic(sampled, (saliency_map, densities[:5], densities[5], rng), rounds=2)

    truth = np.array(exact(saliency_map, densities[:5], densities[5]))
    assert np.abs(found - truth).max() < 0.06, "five standard errors of an estimate"


@pytest.mark.benchmark(group="ncc, five readings")
def test_correlation_in_one_pass(benchmark, saliency_map, densities):
    found = benchmark(lambda: ScoredMap(saliency_map).ncc(densities[:5]))

    assert found.shape == (5,)


@pytest.mark.benchmark(group="ncc, five readings")
def test_correlation_with_numpy(benchmark, saliency_map, densities):
    def one(density):
        a, b = saliency_map - saliency_map.mean(), density - density.mean()
        return (a * b).mean() / (saliency_map.std() * density.std())

    found = benchmark.pedantic(lambda: [one(density) for density in densities[:5]], rounds=2)

    np.testing.assert_allclose(found, ScoredMap(saliency_map).ncc(densities[:5]), atol=1e-4)
