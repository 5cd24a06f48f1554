"""The centre bias against the protocol's steps, done one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
import strategies
from gazebench.gaze.centre_bias import CentreBiasSums, Registration
from gazebench.gaze.density import NoDensityError
from gazebench.spec.values import Box, Case, Reading, Size

ROUNDING = 1e-12  # relative to the peak; float64 sums of a few densities

few = settings(deadline=None, max_examples=20)


def make_case(name, size, box=None, readings=2):
    found = tuple(Reading(id=f"{name}{i}", chest_box=box) for i in range(readings))
    return Case(id=name, size=size, readings=found, expected_readings=readings)


def make_densities(case, seed=0):
    weights = np.random.default_rng(seed).random((len(case.readings), *case.size))
    return weights / weights.sum(axis=(1, 2), keepdims=True)


def make_dataset():
    cases = [
        make_case("a", Size(14, 12), Box(2.0, 3.0, 9.5, 12.0), 3),
        make_case("b", Size(12, 16), Box(-1.0, 1.5, 14.0, 11.0), 1),
        make_case("c", Size(15, 13), None, 2),
        make_case("d", Size(13, 13), Box(3.0, 0.0, 12.0, 14.0), 2),
    ]
    return cases, {case.id: make_densities(case, seed) for seed, case in enumerate(cases)}


def add_up(cases, densities):
    sums = CentreBiasSums(Registration.from_cases(cases))
    for case in cases:
        sums.add(case, densities[case.id])
    return sums


@pytest.mark.parametrize("index", range(4))
def test_paper_recipe_equals_the_protocol_step_by_step(index):
    cases, densities = make_dataset()

    found = add_up(cases, densities).density(cases[index])

    expected = oracles.centre_bias(cases, densities, cases[index], without=None)
    assert np.abs(found - expected).max() <= ROUNDING * expected.max()


@pytest.mark.parametrize("index", range(4))
def test_leaving_an_image_out_equals_starting_over_without_it(index):
    cases, densities = make_dataset()
    own = cases[index]

    found = add_up(cases, densities).density(own, densities[own.id])

    expected = oracles.centre_bias(cases, densities, own, without=own.id)
    assert np.abs(found - expected).max() <= ROUNDING * expected.max()


@few
@given(st.data())
def test_any_boxes_and_sizes_agree_with_the_protocol(data):
    cases = [data.draw(strategies.cases(name)) for name in "abc"]
    densities = {
        case.id: np.stack([data.draw(strategies.densities(case.size)) for _ in case.readings])
        for case in cases
    }

    sums = add_up(cases, densities)

    paper = oracles.centre_bias(cases, densities, cases[0], without=None)
    assert np.abs(sums.density(cases[0]) - paper).max() <= ROUNDING * paper.max()


def test_equal_boxes_and_sizes_need_no_registration():
    """The centre bias is then the plain mean, and a density moves without change."""
    cases = [make_case(name, Size(9, 11), Box(2.0, 1.0, 8.0, 8.0)) for name in "abc"]
    densities = {case.id: make_densities(case, seed) for seed, case in enumerate(cases)}
    sums = add_up(cases, densities)

    paper, others = sums.density(cases[0]), sums.density(cases[0], densities["a"])

    np.testing.assert_allclose(
        paper, np.concatenate(list(densities.values())).mean(axis=0), rtol=ROUNDING
    )
    np.testing.assert_allclose(
        others, np.concatenate([densities["b"], densities["c"]]).mean(axis=0), rtol=ROUNDING
    )
    moved = Registration.from_cases(cases).register(densities["b"][0], cases[1], cases[0])
    np.testing.assert_allclose(moved, densities["b"][0], rtol=ROUNDING)


def test_leaving_out_keeps_no_trace_of_the_image_itself():
    cases, densities = make_dataset()
    other = {**densities, "a": make_densities(cases[0], seed=99)}

    one, two = (add_up(cases, d).density(cases[0], d["a"]) for d in (densities, other))

    np.testing.assert_allclose(one, two, atol=ROUNDING * one.max())


def test_leaving_out_does_not_change_the_sums():
    cases, densities = make_dataset()
    sums = add_up(cases, densities)
    before = sums.density(cases[1])

    sums.density(cases[0], densities["a"])

    np.testing.assert_array_equal(sums.density(cases[1]), before)


def test_densities_may_be_float32():
    cases, densities = make_dataset()
    single = {name: stack.astype(np.float32) for name, stack in densities.items()}

    found = add_up(cases, single).density(cases[2], single["c"])

    expected = oracles.centre_bias(cases, densities, cases[2], without="c")
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_single_image_has_nothing_left_when_it_is_left_out():
    case = make_case("only", Size(6, 5))
    densities = make_densities(case)
    sums = add_up([case], {"only": densities})

    with pytest.raises(NoDensityError, match="case only"):
        sums.density(case, densities)
    np.testing.assert_allclose(sums.density(case), densities.mean(axis=0), rtol=ROUNDING)


def test_where_only_the_image_itself_was_the_rest_is_zero():
    """The wide image alone covers the margins; left out, it gets nothing there, not noise."""
    wide = make_case("wide", Size(10, 30), Box(10.0, 0.0, 20.0, 10.0))
    narrow = make_case("narrow", Size(10, 10), Box(0.0, 0.0, 10.0, 10.0))
    densities = {case.id: make_densities(case) for case in (wide, narrow)}

    found = add_up([wide, narrow], densities).density(wide, densities["wide"])

    np.testing.assert_array_equal(found[:, :10], 0.0)
    np.testing.assert_array_equal(found[:, 20:], 0.0)
    np.testing.assert_allclose(
        found[:, 10:20], densities["narrow"].mean(axis=0), atol=ROUNDING * found.max()
    )


def test_registering_puts_chest_box_onto_chest_box():
    """A spot in the middle of one box lands in the middle of the other."""
    source = make_case("s", Size(40, 40), Box(10.0, 10.0, 20.0, 30.0))
    target = make_case("t", Size(60, 60), Box(30.0, 6.0, 50.0, 46.0))
    row, column = np.mgrid[:40, :40]
    spot = np.exp(-((row - 19.5) ** 2 + (column - 14.5) ** 2) / 8)

    moved = Registration.from_cases([source, target]).register(spot, source, target)

    rows, columns = np.mgrid[:60, :60]
    assert moved.shape == (60, 60)
    assert moved.sum() == pytest.approx(1.0)
    assert (moved * rows).sum() == pytest.approx(25.5, abs=1e-3)
    assert (moved * columns).sum() == pytest.approx(39.5, abs=1e-3)


def test_registering_what_lands_nowhere_is_an_error():
    source = make_case("s", Size(10, 40), Box(0.0, 0.0, 10.0, 10.0))
    target = make_case("t", Size(10, 10), Box(0.0, 0.0, 10.0, 10.0))
    right = np.zeros((10, 40))
    right[:, 30:] = 1.0

    with pytest.raises(NoDensityError, match="from case s to t"):
        Registration.from_cases([source, target]).register(right, source, target)
