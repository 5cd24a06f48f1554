"""Exact AUCs against pairs of pixels, sampling and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import oracles
import strategies
from gazebench.scoring.scored_map import ScoredMap
from gazebench.spec.values import Size

SUMS = 1e-12  # float64 sums of a few hundred terms


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_auc_equals_brute_force_over_pairs_of_pixels(data, size):
    values = data.draw(strategies.maps(size))
    positives = np.stack([data.draw(strategies.densities(size)) for _ in range(2)])
    negatives = data.draw(strategies.densities(size))

    scored = ScoredMap(values)

    uniform = np.ones(size)
    np.testing.assert_allclose(
        scored.ranks(negatives).auc(positives),
        [oracles.auc(values, p, negatives) for p in positives],
        atol=SUMS,
    )
    np.testing.assert_allclose(
        scored.ranks(None).auc(positives),
        [oracles.auc(values, p, uniform) for p in positives],
        atol=SUMS,
    )


def awkward(seed=0, size=(60, 50)):
    """A map with ties, a concentrated reference and a broad bias."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[: size[0], : size[1]]
    blob = np.exp(-((row - 25) ** 2 + (column - 30) ** 2) / 150)
    values = np.maximum(blob + 0.4 * rng.normal(size=size), 0.3).astype(np.float32)
    bias = np.exp(-((row - 30) ** 2 + (column - 25) ** 2) / 800)
    return values, blob / blob.sum(), bias / bias.sum()


def test_auc_equals_scikit_learn_with_weights():
    """Every pixel once as a positive weighing p, once as a negative weighing q."""
    metrics = pytest.importorskip("sklearn.metrics")
    values, p, q = awkward()

    expected = metrics.roc_auc_score(
        np.repeat([1, 0], values.size),
        np.tile(values.ravel(), 2),
        sample_weight=np.concatenate([p.ravel(), q.ravel()]),
    )

    assert ScoredMap(values).ranks(q).auc(p[None])[0] == pytest.approx(expected, abs=1e-12)


def test_auc_agrees_with_the_published_sampling_estimate():
    """The mean of 200 estimates from 1,000 + 1,000 pixels, within four of its standard errors."""
    values, p, q = awkward()
    rng = np.random.default_rng(7)
    flat = values.ravel()

    estimates = []
    for _ in range(200):
        positive = np.sort(flat[rng.choice(flat.size, 1000, p=p.ravel())])
        negative = flat[rng.choice(flat.size, 1000, p=q.ravel())]
        below = np.searchsorted(positive, negative, "left")
        upto = np.searchsorted(positive, negative, "right")
        estimates.append(1 - (below + upto).mean() / 2000)

    error = np.std(estimates) / np.sqrt(len(estimates))
    exact = ScoredMap(values).ranks(q).auc(p[None])[0]
    assert abs(np.mean(estimates) - exact) < 4 * error
    assert 0.002 < np.std(estimates) < 0.02, "the noise that exactness removes"


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_increasing_transforms_flips_and_reading_order_change_nothing(data, size):
    values = data.draw(strategies.maps(size))
    assume(np.abs(values).max() < 100)
    positives = np.stack([data.draw(strategies.densities(size)) for _ in range(3)])
    negatives = data.draw(strategies.densities(size))

    before = ScoredMap(values).ranks(negatives).auc(positives)

    transformed = ScoredMap(values.astype(np.float64) * 4 - 0).ranks(negatives).auc(positives)
    flipped = ScoredMap(values[::-1, ::-1]).ranks(negatives[::-1, ::-1])
    np.testing.assert_allclose(transformed, before, atol=SUMS)
    np.testing.assert_allclose(flipped.auc(positives[:, ::-1, ::-1]), before, atol=SUMS)
    np.testing.assert_array_equal(
        ScoredMap(values).ranks(negatives).auc(positives[::-1]), before[::-1]
    )


def test_cube_of_a_map_ranks_like_the_map():
    values, p, q = awkward()

    one, two = (ScoredMap(v).ranks(q).auc(p[None]) for v in (values, (values - 1) ** 3))

    np.testing.assert_allclose(one, two, atol=SUMS)


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_negated_map_gets_the_complement(data, size):
    values = data.draw(strategies.maps(size))
    p, q = data.draw(strategies.densities(size)), data.draw(strategies.densities(size))

    one, two = (ScoredMap(v).ranks(q).auc(p[None])[0] for v in (values, -values))

    assert one + two == pytest.approx(1.0, abs=SUMS)


def test_same_density_on_both_sides_is_chance():
    values, p, _ = awkward()

    assert ScoredMap(values).ranks(p).auc(p[None])[0] == pytest.approx(0.5, abs=SUMS)


def test_separated_densities_reach_the_ends():
    values = np.array([[0.0, 1.0]])
    low, high = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])

    assert ScoredMap(values).ranks(low).auc(np.stack([low, high])).tolist() == [0.5, 1.0]
    assert ScoredMap(values).ranks(high).auc(np.stack([low, high])).tolist() == [0.0, 0.5]


def test_densities_in_float32_are_summed_in_float64():
    """More pixels than a float32 accumulator can count, all but one of them tied."""
    size = Size(4200, 4100)
    values = np.zeros(size, np.float32)
    values[0, 0] = 1.0
    density = np.full(size, 1 / values.size, np.float32)

    exact = ScoredMap(values, exact=True).ranks(density)
    binned = ScoredMap(values).ranks(density)

    assert exact.auc(density[None])[0] == pytest.approx(0.5, abs=1e-9)
    assert binned.auc(density[None])[0] == pytest.approx(0.5, abs=1e-6)
