"""What becomes of a metric's values, and of maps that cannot be scored."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench import metric
from gazebench.errors import PluginError
from gazebench.scoring.evaluate import Outcome, check_map, evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Size, Status

RAMP = ScoredMap(np.array([[0.0, 1.0]]))
FLAT = ScoredMap(np.array([[1.0, 1.0]]))
TARGET = Target(size=Size(1, 2), references=np.array([[[0.5, 0.5]], [[0.2, 0.8]]]))


def toy(returned, *, needs=frozenset()):
    @metric(
        title="Toy",
        higher_is_better=True,
        range=(0.0, 1.0),
        chance=0.5,
        needs=needs,
        version=1,
    )
    def toy_metric(scored, target, *, times=1.0):
        return returned if times == 1.0 else returned * times

    return toy_metric


def test_values_become_outcomes_in_the_order_of_the_readings():
    found = evaluate(toy(np.array([0.25, 0.5])), {"times": 2.0}, RAMP, TARGET)

    assert found == [Outcome(value=0.5), Outcome(value=1.0)]
    assert found[0].status is Status.OK
    assert type(found[0].value) is float


def test_nan_of_a_constant_map_says_so():
    found = evaluate(toy(np.array([np.nan, np.nan])), {}, FLAT, TARGET)

    expected = Outcome(value=None, status=Status.UNDEFINED, reason="Toy: the map is constant")
    assert found == [expected] * 2


def test_nan_for_one_reading_leaves_the_others():
    first, second = evaluate(toy(np.array([np.nan, 0.5])), {}, RAMP, TARGET)

    assert first.status is Status.UNDEFINED
    assert first.reason == "Toy: the formula has no value here"
    assert second == Outcome(value=0.5)


@pytest.mark.parametrize(
    "returned",
    [
        np.array([0.5]),
        np.array(0.5),
        0.5,
        np.zeros((2, 1)),
        np.array([1j, 0]),
        np.array(["a", "b"]),
    ],
    ids=["too few", "scalar array", "number", "matrix", "complex", "text"],
)
def test_anything_but_one_number_per_reading_is_refused(returned):
    with pytest.raises(PluginError, match=r"'Toy' \(.*toy_metric\) returned .*shape \(2,\)"):
        evaluate(toy(returned), {}, RAMP, TARGET)


@pytest.mark.parametrize("value", [1.1, -0.1, np.inf, -np.inf])
def test_value_outside_the_declared_range_is_refused(value):
    with pytest.raises(PluginError, match=r"'Toy'.*outside its declared range \[0, 1\]"):
        evaluate(toy(np.array([0.5, value])), {}, RAMP, TARGET)


def test_rounding_beyond_the_range_is_let_through():
    found = evaluate(toy(np.array([1.0 + 1e-9, -1e-9])), {}, RAMP, TARGET)

    assert [outcome.status for outcome in found] == [Status.OK, Status.OK]


def test_metric_without_the_centre_bias_it_needs_is_not_applicable():
    found = evaluate(toy(np.array([0.5, 0.5]), needs={"centre_bias"}), {}, RAMP, TARGET)

    assert [outcome.status for outcome in found] == [Status.NOT_APPLICABLE] * 2
    assert "centre-bias" in found[0].reason


@pytest.mark.parametrize(
    ("values", "status", "reason"),
    [
        ([[0.0, 1.0]], Status.FAILED, "the map is a list, not an array"),
        (None, Status.FAILED, "the map is a NoneType, not an array"),
        (np.zeros((2, 1)), Status.FAILED, "2 x 1 pixels (height x width), the image 1 x 2"),
        (np.zeros((1, 1, 2)), Status.FAILED, "1 x 1 x 2 pixels"),
        (np.zeros((1, 2), complex), Status.FAILED, "complex128, not real numbers"),
        (np.array([["a", "b"]]), Status.FAILED, "not real numbers"),
        (np.array([[np.nan, 1]]), Status.NONFINITE, "1 NaN and 0 infinite pixels of 2"),
        (np.array([[np.inf, -np.inf]]), Status.NONFINITE, "0 NaN and 2 infinite pixels of 2"),
    ],
)
def test_what_is_not_a_map_is_refused_with_a_reason(values, status, reason):
    found = check_map(values, Size(1, 2))

    assert found is not None
    assert (found.value, found.status) == (None, status)
    assert reason in found.reason


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.float16, np.float32, np.float64])
def test_finite_arrays_of_the_right_size_are_maps(dtype):
    assert check_map(np.zeros((1, 2), dtype), Size(1, 2)) is None
