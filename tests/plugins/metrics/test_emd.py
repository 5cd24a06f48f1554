"""The sliced earth mover's distance as a plugin, against scipy's exact distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance, wasserstein_distance_nd

from gazebench.errors import PluginError
from gazebench.scoring.target import Target
from gazebench.spec.values import Size
from gazebench_plugins.metrics.emd import cell_sums, centres, emd, grid_size, sliced_distances
from scored_cases import score
from strategies import unhurried


def target_of(*references):
    stack = np.stack(references).astype(float)
    stack /= stack.sum(axis=(1, 2), keepdims=True)
    return Target(size=Size(*stack.shape[1:]), references=stack)


def spot(size, row, column):
    mass = np.zeros(size)
    mass[row, column] = 1.0
    return mass


@pytest.mark.parametrize("directions", [1, 5, 32])
def test_distance_is_the_mean_of_scipys_over_the_directions(directions):
    rng, size = np.random.default_rng(0), Size(7, 9)
    m, p = rng.gamma(0.5, size=size), rng.gamma(0.5, size=size)
    m, p = m / m.sum(), p / p.sum()

    (found,) = sliced_distances((m - p).reshape(1, -1), *centres(size, size), directions)

    rows, columns = np.mgrid[:7, :9]
    expected = []
    for k in range(directions):
        angle = np.pi * (k + 0.5) / directions
        along = (columns * np.cos(angle) + rows * np.sin(angle)).ravel()
        expected.append(wasserstein_distance(along, along, m.ravel(), p.ravel()))
    assert found == pytest.approx(np.mean(expected), abs=1e-12)


@given(seed=st.integers(0, 10**6))
@unhurried
def test_lies_between_the_way_of_the_centre_of_mass_and_the_exact_distance(seed):
    rng, size = np.random.default_rng(seed), Size(3, 4)
    m, p = rng.gamma(0.3, size=size), rng.gamma(0.3, size=size)

    (found,) = score(emd, m, target_of(p))

    places = np.stack(np.mgrid[:3, :4], axis=-1).reshape(-1, 2)
    exact = wasserstein_distance_nd(places, places, m.ravel(), p.ravel()) / np.hypot(*size)
    assert found <= exact + 1e-6

    # Nor less than what it costs, along every direction, to move the centre of mass.
    moved = m.ravel() @ places / m.sum() - p.ravel() @ places / p.sum()
    assert found >= 0.998 * 2 / np.pi * np.hypot(*moved) / np.hypot(*size) - 1e-6


@pytest.mark.parametrize(("down", "right"), [(0, 7), (9, 0), (5, -4), (8, 8)])
def test_a_shift_costs_two_over_pi_of_its_length(down, right):
    """The mean of |cos| over all directions is 2/pi; 32 of them are 0.2 % away from it."""
    size, rng = (40, 50), np.random.default_rng(1)
    patch = rng.random((6, 8))
    there, here = np.zeros(size), np.zeros(size)
    here[12:18, 20:28] = patch
    there[12 + down : 18 + down, 20 + right : 28 + right] = patch

    (found,) = score(emd, there, target_of(here))

    exact = np.hypot(down, right) / np.hypot(*size)
    assert found == pytest.approx(2 / np.pi * exact, rel=2e-3)


def test_distance_is_in_image_diagonals_whatever_the_resolution():
    coarse = score(emd, spot((8, 8), 0, 0), target_of(spot((8, 8), 7, 7)))
    fine = score(
        emd, np.kron(spot((8, 8), 0, 0), np.ones((100, 100))),
        target_of(np.kron(spot((8, 8), 7, 7), np.ones((100, 100)))),
    )  # fmt: skip

    assert fine == pytest.approx(coarse, rel=1e-5)
    assert coarse == pytest.approx(2 / np.pi * 7 / 8, rel=2e-3)


def test_farther_is_worse():
    reference = target_of(spot((300, 400), 10, 10))

    found = [score(emd, spot((300, 400), 10, x), reference)[0] for x in (10, 40, 200, 390)]

    assert found[0] == 0.0
    assert found == sorted(found)
    assert not emd.higher_is_better


@pytest.mark.parametrize("size", [Size(600, 800), Size(800, 600), Size(65, 1), Size(2, 3)], ids=str)
def test_grid_keeps_the_shape_of_the_image(size):
    grid = grid_size(size, 64)

    assert max(grid) == min(64, max(size))
    assert all(cells <= pixels for cells, pixels in zip(grid, size, strict=True))
    assert abs(grid.height - size.height * grid.width / size.width) <= 0.5 + grid.height / 64


@example(height=1, width=29, down=1, across=25)  # 25 * (29 / 25) is less than 29
@given(
    height=st.integers(1, 30),
    width=st.integers(1, 30),
    down=st.integers(1, 30),
    across=st.integers(1, 30),
)
@unhurried
def test_cells_divide_pixels_in_proportion(height, width, down, across):
    grid = Size(min(height, down), min(width, across))
    mass = np.random.default_rng(height).random((height, width))

    found = cell_sums(mass, grid)

    # Every pixel made of as many as there are cells: then no edge runs through one.
    finer = np.kron(mass, np.ones(grid)) / (grid.height * grid.width)
    expected = finer.reshape(grid.height, height, grid.width, width).sum(axis=(1, 3))
    assert found == pytest.approx(expected, abs=1e-12)


def test_reduction_changes_a_distance_by_less_than_a_cell():
    rng = np.random.default_rng(2)
    m, p = rng.gamma(0.05, size=(90, 120)), rng.gamma(0.05, size=(90, 120))

    (reduced,) = score(emd, m, target_of(p), cells=40)
    (whole,) = score(emd, m, target_of(p), cells=120)

    assert reduced == pytest.approx(whole, abs=1 / 40)


@pytest.mark.parametrize("wrong", [{"directions": 0}, {"cells": 0}])
def test_no_directions_or_cells_are_refused(wrong):
    with pytest.raises(PluginError, match="make no distance"):
        score(emd, spot((4, 4), 0, 0), target_of(spot((4, 4), 0, 0)), **wrong)


def test_title_says_that_it_is_not_the_exact_distance():
    assert "sliced" in emd.title
    assert "Not the exact" in emd.function.__doc__
