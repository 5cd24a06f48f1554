"""AUC and shuffled AUC as plugins."""

from __future__ import annotations

import numpy as np
import pytest

import oracles
from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Size, Status
from gazebench_plugins.metrics.auc import auc, sauc


def make_target(bias=True):
    rng = np.random.default_rng(0)
    references, centre = rng.random((3, 6, 5)), rng.random((6, 5))
    references /= references.sum(axis=(1, 2), keepdims=True)
    return Target(
        size=Size(6, 5), references=references, centre_bias=centre / centre.sum() if bias else None
    )


def test_auc_and_sauc_equal_their_definitions():
    values, target = np.random.default_rng(1).integers(0, 5, (6, 5)), make_target()
    scored = ScoredMap(values)

    plain = [o.value for o in evaluate(auc, {}, scored, target)]
    shuffled = [o.value for o in evaluate(sauc, {}, scored, target)]

    uniform = np.ones((6, 5))
    assert plain == pytest.approx([oracles.auc(values, r, uniform) for r in target.references])
    assert shuffled == pytest.approx(
        [oracles.auc(values, r, target.centre_bias) for r in target.references]
    )


@pytest.mark.parametrize("descriptor", [auc, sauc])
def test_constant_map_scores_exactly_chance(descriptor):
    found = evaluate(descriptor, {}, ScoredMap(np.ones((6, 5))), make_target())

    assert [outcome.value for outcome in found] == [0.5, 0.5, 0.5]


def test_without_a_centre_bias_sauc_is_not_applicable_and_not_the_plain_auc():
    scored, target = ScoredMap(np.random.default_rng(1).random((6, 5))), make_target(bias=False)

    assert evaluate(sauc, {}, scored, target)[0].status is Status.NOT_APPLICABLE
    assert evaluate(auc, {}, scored, target)[0].status is Status.OK


def test_centre_bias_as_a_map_scores_above_chance_only_where_it_is_not_discounted():
    row, column = np.mgrid[:20, :20]
    centre = np.exp(-((row - 9.5) ** 2 + (column - 9.5) ** 2) / 40)
    centre /= centre.sum()
    target = Target(size=Size(20, 20), references=centre[None], centre_bias=centre)

    assert evaluate(auc, {}, ScoredMap(centre), target)[0].value > 0.7
    assert evaluate(sauc, {}, ScoredMap(centre), target)[0].value == pytest.approx(0.5)


def test_descriptors_say_what_a_board_has_to_know():
    assert (auc.title, auc.range, auc.chance, auc.higher_is_better) == ("AUC", (0, 1), 0.5, True)
    assert (sauc.title, sauc.chance, sauc.shuffled) == ("sAUC", 0.5, True)
    assert sauc.needs == {"reference", "centre_bias"}
