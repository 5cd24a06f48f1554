"""NCC and shuffled NCC as plugins."""

from __future__ import annotations

import numpy as np
import pytest

import oracles
from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Size, Status
from gazebench_plugins.metrics.ncc import ncc, sncc


def make_target():
    rng = np.random.default_rng(0)
    references, bias = rng.random((3, 6, 5)), rng.random((6, 5))
    references /= references.sum(axis=(1, 2), keepdims=True)
    return Target(size=Size(6, 5), references=references, centre_bias=bias / bias.sum())


def test_ncc_and_sncc_equal_their_definitions():
    values, target = np.random.default_rng(1).random((6, 5)).astype(np.float32), make_target()

    plain = [o.value for o in evaluate(ncc, {}, ScoredMap(values), target)]
    shuffled = [o.value for o in evaluate(sncc, {}, ScoredMap(values), target)]

    expected = np.array([oracles.ncc(values.astype(float), r) for r in target.references])
    assert plain == pytest.approx(expected, abs=1e-12)
    bias = oracles.ncc(values.astype(float), target.centre_bias)
    assert shuffled == pytest.approx(expected - bias, abs=1e-12)


def test_sncc_spans_minus_two_to_two():
    up, down = np.array([[0.0, 0.25, 0.75]]), np.array([[0.75, 0.25, 0.0]])
    target = Target(size=Size(1, 3), references=up[None], centre_bias=down)

    for values, expected in ((up, 2.0), (down, -2.0)):
        expected *= (1 - oracles.ncc(up, down)) / 2
        found = evaluate(sncc, {}, ScoredMap(values), target)[0].value
        assert found == pytest.approx(expected, abs=1e-12)
    assert sncc.range == (-2.0, 2.0)


@pytest.mark.parametrize("descriptor", [ncc, sncc])
def test_constant_map_has_no_value(descriptor):
    found = evaluate(descriptor, {}, ScoredMap(np.ones((6, 5))), make_target())

    assert [outcome.status for outcome in found] == [Status.UNDEFINED] * 3
    assert "the map is constant" in found[0].reason


def test_descriptors_say_what_a_board_has_to_know():
    assert (ncc.title, ncc.range, ncc.chance, ncc.higher_is_better) == ("NCC", (-1, 1), 0, True)
    assert (sncc.title, sncc.chance, sncc.shuffled) == ("sNCC", 0, True)
    assert ncc.needs == {"reference"}
    assert sncc.needs == {"reference", "centre_bias"}
