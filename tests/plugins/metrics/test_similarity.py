"""SIM and Spearman's correlation as plugins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import spearmanr

from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Size, Status
from gazebench_plugins.metrics.similarity import sim, spearman
from scored_cases import SIZE, make_target, score, some_maps
from strategies import densities, maps, unhurried


def test_sim_is_the_shared_mass():
    target = Target(
        size=Size(1, 3), references=np.array([[[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]]).reshape(2, 1, 3)
    )

    assert score(sim, np.array([[3.0, 1.0, 0.0]]), target) == pytest.approx([0.75, 0.25])


def test_sim_raises_a_map_with_negative_values_to_zero():
    target = Target(size=Size(1, 2), references=np.array([[[0.0, 1.0]]]))

    assert score(sim, np.array([[-2.0, 2.0]]), target) == pytest.approx([1.0])


def test_sim_is_one_less_half_the_total_variation():
    values, target = some_maps()["heavy-tailed"], make_target()

    m = values / values.sum(dtype=float)
    expected = [1 - np.abs(p - m).sum() / 2 for p in target.references]

    assert score(sim, values, target) == pytest.approx(expected, abs=1e-6)


@given(values=maps(SIZE), reference=densities(SIZE))
@unhurried
def test_spearman_equals_scipy(values, reference):
    reference = reference.astype(np.float32)  # ties as scored: in float32
    target = Target(size=SIZE, references=reference[None])
    (found,) = score(spearman, values, target)

    if np.ptp(values) == 0 or np.ptp(reference) == 0:
        assert np.isnan(found)
    else:
        expected = spearmanr(values.ravel(), reference.ravel()).statistic
        assert found == pytest.approx(expected, abs=1e-6)


def test_spearman_of_a_constant_map_has_no_value():
    (found, *_) = evaluate(spearman, {}, ScoredMap(np.ones((14, 19))), make_target())

    assert found.status is Status.UNDEFINED
    assert "the map is constant" in found.reason


def test_sim_has_no_fixed_chance_and_spearman_has():
    assert sim.chance is None
    assert spearman.chance == 0.0
