"""NSS and shuffled NSS as plugins."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Points, Size, Status
from gazebench_plugins.metrics.nss import nss, snss
from scored_cases import make_target, score, some_maps


def test_nss_is_the_mean_z_score_at_every_fixation():
    values, target = some_maps()["signed"], make_target()

    found = score(nss, values, target)

    z = (values - values.mean(dtype=float)) / values.std(dtype=float)
    expected = [z[points.rows, points.columns].mean() for points in target.fixations]
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_pixel_fixated_twice_counts_twice():
    values = np.array([[0.0, 0.0, 0.0, 4.0]])
    points = Points(np.array([0, 0, 0]), np.array([0, 3, 3]))
    target = Target(size=Size(1, 4), references=np.full((1, 1, 4), 0.25), fixations=(points,))

    # mean 1, deviation sqrt 3
    assert score(nss, values, target) == pytest.approx([(-1 + 3 + 3) / 3 / np.sqrt(3)])


def test_shuffled_nss_subtracts_what_the_map_gets_where_other_images_were_fixated():
    values, target = some_maps()["signed"], make_target()

    others = [target.other_fixations] * 3
    elsewhere = Target(size=target.size, references=target.references, fixations=tuple(others))

    expected = score(nss, values, target) - score(nss, values, elsewhere)
    assert score(snss, values, target) == pytest.approx(expected, abs=1e-12)
    assert snss.shuffled
    assert "other images" in snss.function.__doc__


@pytest.mark.parametrize("metric", [nss, snss])
def test_constant_map_has_no_value(metric):
    found = evaluate(metric, {}, ScoredMap(np.full((14, 19), 0.1)), make_target())

    assert [outcome.status for outcome in found] == [Status.UNDEFINED] * 3
    assert "the map is constant" in found[0].reason


def test_unbounded_range_takes_any_value():
    spike = np.zeros((500, 500), np.float32)
    spike[0, 0] = 1.0
    points = Points(np.array([0]), np.array([0]))
    target = Target(
        size=Size(500, 500), references=np.full((1, 500, 500), 4e-6), fixations=(points,)
    )

    assert score(nss, spike, target) == pytest.approx([np.sqrt(500**2 - 1)], rel=1e-6)
