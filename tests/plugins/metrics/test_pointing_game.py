"""The pointing game as a plugin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.errors import PluginError
from gazebench.scoring.target import Target
from gazebench.spec.values import Size
from gazebench_plugins.metrics.pointing_game import near, pointing_game
from scored_cases import make_target, score
from strategies import unhurried


def with_regions(*regions):
    masks = tuple(np.array(region, bool) for region in regions)
    size = Size(*masks[0].shape)
    uniform = np.full((len(masks), *size), 1 / (size.height * size.width))
    return Target(size=size, references=uniform, regions=masks)


def test_a_maximum_inside_is_a_hit_and_outside_a_miss():
    target = with_regions([[0, 1, 1]], [[1, 0, 0]])

    assert score(pointing_game, np.array([[0.0, 0.5, 0.9]]), target).tolist() == [1.0, 0.0]


def test_of_several_maxima_the_share_inside_counts():
    target = with_regions([[0, 1, 1, 0]])

    assert score(pointing_game, np.array([[7.0, 7.0, 0.0, 7.0]]), target) == pytest.approx([1 / 3])


def test_a_constant_map_gets_the_regions_share_of_the_image():
    target = make_target()

    found = score(pointing_game, np.ones((14, 19)), target)

    assert found == pytest.approx([region.mean() for region in target.regions])
    assert pointing_game.chance is None


def test_tolerance_takes_a_maximum_that_falls_just_beside():
    target = with_regions([[1, 0, 0, 0, 0]])
    values = np.array([[0.0, 0.0, 0.0, 1.0, 0.0]])

    found = [score(pointing_game, values, target, tolerance=t)[0] for t in (0.0, 2.9, 3.0, 15.0)]

    assert found == [0.0, 0.0, 1.0, 1.0]


@given(seed=st.integers(0, 10**6), tolerance=st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.3, 5.0, 40.0]))
@unhurried
def test_near_is_every_pixel_within_the_distance(seed, tolerance):
    rng = np.random.default_rng(seed)
    region = rng.random((9, 12)) < 0.05
    region[rng.integers(9), rng.integers(12)] = True

    found = near(region, tolerance)

    inside = np.argwhere(region)
    for row, column in np.ndindex(region.shape):
        distance = np.hypot(*(inside - (row, column)).T).min()
        assert found[row, column] == (distance <= tolerance)


@pytest.mark.parametrize("tolerance", [-1.0, float("inf"), float("nan")])
def test_a_tolerance_that_is_no_distance_is_refused(tolerance):
    with pytest.raises(PluginError, match="is no distance"):
        score(pointing_game, np.ones((1, 2)), with_regions([[1, 0]]), tolerance=tolerance)
