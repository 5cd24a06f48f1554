"""The constant floor."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from gazebench.spec.values import Case, Size
from gazebench_plugins.floors.uniform import uniform


def test_uniform_is_one_value_over_the_whole_image():
    case = Case(id="c", size=Size(4, 7), readings=(), expected_readings=0)

    found = uniform.function(SimpleNamespace(case=case))

    assert found.shape == (4, 7)
    assert np.ptp(found) == 0.0
    assert uniform.needs == frozenset()
