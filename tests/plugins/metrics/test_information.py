"""KL divergence and information gain as plugins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import rel_entr

from gazebench.errors import PluginError
from gazebench.scoring.target import Target
from gazebench.spec.values import Points, Size
from gazebench_plugins.metrics.information import EPSILON, ig, kl
from scored_cases import make_target, plain_score, score, some_maps


def test_kl_is_the_divergence_of_the_reference_from_the_map():
    values, target = some_maps()["random"], make_target()

    m = values / values.sum(dtype=float)
    expected = [rel_entr(p, m).sum() for p in target.references]

    assert score(kl, values, target) == pytest.approx(expected, rel=1e-6)
    assert not kl.higher_is_better


@pytest.mark.parametrize("kind", some_maps())
def test_kl_is_the_mit_benchmarks_within_1e_14(kind):
    """Their sum is of p log(eps + p / (m + eps)): eps inside the quotient's logarithm as well."""
    values, target = some_maps()[kind].astype(float), make_target()

    raised = values - min(values.min(), 0.0)
    m = raised / raised.sum() if raised.sum() else np.full(values.shape, 1 / values.size)
    eps = EPSILON
    theirs = [(p * np.log(eps + p / (m + eps))).sum() for p in target.references]

    assert plain_score(kl, values, target) == pytest.approx(theirs, abs=1e-12)


def test_kl_of_a_map_without_mass_where_people_looked_is_log_of_epsilon():
    p, m = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])

    (found,) = score(kl, m, Target(size=Size(1, 2), references=p[None]))

    assert found == pytest.approx(-np.log(EPSILON))


def test_kl_of_a_uniform_map_is_what_the_reference_lacks_of_the_largest_entropy():
    target = make_target()

    found = score(kl, np.ones((14, 19)), target)

    assert found == pytest.approx(np.log(14 * 19) - target.entropies, abs=1e-9)


def test_kl_ignores_a_shift_only_below_zero():
    values = np.array([[-1.0, 0.0, 3.0]])
    target = Target(size=Size(1, 3), references=np.array([[[0.0, 0.2, 0.8]]]))

    (below,) = score(kl, values, target)

    assert below == pytest.approx(score(kl, values + 1.0, target)[0])
    assert below < score(kl, values + 2.0, target)[0]


def test_ig_counts_bits_gained_at_every_fixation():
    target = make_target()
    values = some_maps()["random"]

    m = 0.99 * values / values.sum(dtype=float) + 0.01 / values.size
    q = 0.99 * target.centre_bias + 0.01 / values.size
    expected = [np.log2(m / q)[points.rows, points.columns].mean() for points in target.fixations]

    assert score(ig, values, target) == pytest.approx(expected, abs=1e-6)


def test_ig_of_the_centre_bias_is_zero():
    target = make_target()

    assert score(ig, target.centre_bias, target) == pytest.approx(0.0, abs=1e-6)


def test_ig_price_of_a_zero_is_bounded_by_the_mixture():
    bias = np.array([[0.5, 0.5]])
    points = Points(np.array([0]), np.array([0]))
    target = Target(size=Size(1, 2), references=bias[None], centre_bias=bias, fixations=(points,))

    (wrong,) = score(ig, np.array([[0.0, 1.0]]), target)
    (right,) = score(ig, np.array([[1.0, 0.0]]), target)
    (wider,) = score(ig, np.array([[0.0, 1.0]]), target, mix=0.1)

    assert wrong == pytest.approx(np.log2(0.005 / 0.5))
    assert right == pytest.approx(np.log2(0.995 / 0.5))
    assert wider == pytest.approx(np.log2(0.05 / 0.5))


@pytest.mark.parametrize("mix", [0.0, 1.0, -0.5, float("nan")])
def test_ig_refuses_a_mixture_that_is_none(mix):
    with pytest.raises(PluginError, match="cannot be mixed in"):
        score(ig, some_maps()["random"], make_target(), mix=mix)
