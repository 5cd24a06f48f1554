"""The random floor."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gazebench.spec.values import Case, Size
from gazebench_plugins.floors.random import random


def draw(seed):
    case = Case(id="c", size=Size(60, 70), readings=(), expected_readings=0)
    return random.function(SimpleNamespace(case=case, rng=np.random.default_rng(seed)))


def test_same_generator_gives_the_same_map():
    np.testing.assert_array_equal(draw(3), draw(3))
    assert (draw(3) != draw(4)).mean() > 0.99


def test_pixels_are_uniform_and_independent():
    """4,200 draws: mean and neighbour correlation within five standard errors."""
    found = draw(0)

    assert found.shape == (60, 70)
    assert found.mean() == pytest.approx(0.5, abs=5 / np.sqrt(12 * found.size))
    neighbours = np.corrcoef(found[:, 1:].ravel(), found[:, :-1].ravel())[0, 1]
    assert abs(neighbours) < 5 / np.sqrt(found.size)
