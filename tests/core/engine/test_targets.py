"""Targets: references and centre bias of a small made-up dataset, against plain formulas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gazebench.engine.floors import CaseFloorContext, floor_rng
from gazebench.engine.scoring import ONE_READING, CaseScorer
from gazebench.engine.targets import GazeSource
from gazebench.gaze.buffers import Buffers
from gazebench.spec import Box, Case, Fixations, Reading, Size, Status
from wanting import everything

SIZE = Size(20, 24)


class Made:
    """Three cases of three readings, one fixation each, at places that follow from the ids."""

    def __init__(self, readings: int = 3, cases: int = 3) -> None:
        self._cases = tuple(
            Case(
                id=f"c{c}",
                size=SIZE,
                readings=tuple(
                    Reading(id=f"c{c}r{r}", chest_box=Box(2, 2, 20, 18)) for r in range(readings)
                ),
                expected_readings=readings,
            )
            for c in range(cases)
        )

    def cases(self) -> Sequence[Case]:
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        c, r = int(case.id[1:]), int(reading.id[3:])
        away = reading.id == "c2r2"
        return Fixations(
            x=np.array([-500.0 if away else 5.0 + 4 * c + r]),
            y=np.array([6.0 + 3 * r]),
            start_s=np.array([0.0]),
            end_s=np.array([0.5]),
            sigma_x=np.array([3.0]),
            sigma_y=np.array([3.0]),
            shown=np.array([[0, 0, SIZE.width, SIZE.height]]),
        )

    def image(self, case: Case) -> np.ndarray:
        raise AssertionError("no floor or ceiling looks at pixels")

    def fingerprint(self) -> str:
        return ""


@pytest.fixture
def source() -> GazeSource:
    made = GazeSource(Made(), recipe="loio")
    made.readings_without_density(Made().cases(), on_case=lambda: None)
    return made


def test_a_reading_that_never_looks_at_the_image_is_found() -> None:
    source = GazeSource(Made(), recipe="loio")
    seen = []

    without = source.readings_without_density(Made().cases(), on_case=lambda: seen.append(1))

    assert without == {"c2r2"}
    assert len(seen) == 3


def test_references_are_means_of_the_others(source: GazeSource) -> None:
    case = Made().cases()[0]
    gaze = source.gaze(case, needs=frozenset({"centre_bias"}))

    assert gaze.densities.shape == (3, *SIZE)
    np.testing.assert_allclose(gaze.densities.sum((1, 2)), 1, rtol=1e-6)
    np.testing.assert_allclose(
        gaze.target.references[0], gaze.densities[1:].mean(0), rtol=1e-5, atol=1e-12
    )
    assert gaze.target.centre_bias is not None


def test_with_equal_boxes_the_centre_bias_is_the_mean_of_the_other_images(
    source: GazeSource,
) -> None:
    first, second, third = Made().cases()
    others = [
        source.densities(second),
        np.stack([source.densities(third_with_gaze(third))])[0],
    ]
    expected = np.concatenate(others).mean(0)

    found = source.centre_bias(first, source.densities(first))

    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-4, atol=1e-9)


def third_with_gaze(case: Case) -> Case:
    from dataclasses import replace

    return replace(case, readings=case.readings[:2])


def test_the_ceiling_of_one_reading_is_undefined_and_says_so() -> None:
    made = Made(readings=1, cases=2)
    source = GazeSource(made, recipe="loio")
    source.readings_without_density(made.cases(), on_case=lambda: None)
    case = made.cases()[0]
    scorer = CaseScorer(
        dataset="made",
        case=case,
        gaze=source.gaze(case, needs=frozenset()),
        wanted=everything("ncc"),
    )

    (task,) = scorer.ceiling()
    (row,) = task(Buffers())

    assert row.status is Status.UNDEFINED
    assert row.value is None
    assert row.reason == ONE_READING


def test_floors_draw_the_same_numbers_in_any_order() -> None:
    case = Made().cases()[0]

    first = floor_rng(0, "random", case).random(4)
    floor_rng(0, "random", Made().cases()[1]).random(4)

    np.testing.assert_array_equal(first, floor_rng(0, "random", case).random(4))
    assert not np.array_equal(first, floor_rng(1, "random", case).random(4))
    assert not np.array_equal(first, floor_rng(0, "shuffled_image", case).random(4))


def test_the_shuffled_floor_is_another_images_gaze(source: GazeSource) -> None:
    cases = Made().cases()[:2]
    context = CaseFloorContext(
        case=cases[0],
        gaze=source.gaze(cases[0], needs=frozenset()),
        source=source,
        others=cases,
        rng=floor_rng(0, "shuffled_image", cases[0]),
    )
    other = source.densities(cases[1]).mean(0)

    np.testing.assert_allclose(context.shuffled_density(), other / other.sum(), rtol=1e-4)
    assert context.chest_box == Box(2, 2, 20, 18)
