"""Simulated readers: their density is known, and so is the ceiling they must show."""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.gaze.density import fixation_density
from gazebench.gaze.reference import leave_one_out
from gazebench.scoring.scored_map import ScoredMap
from gazebench.spec import Fixations, Size
from gazebench_plugins.datasets.phantom.anatomy import draw_anatomy
from gazebench_plugins.datasets.phantom.ceiling import SimulatedReading, expected_ncc
from gazebench_plugins.datasets.phantom.findings import draw_findings, lesion_mask
from gazebench_plugins.datasets.phantom.readers import (
    DEGREE,
    own_attention,
    reader_attention,
    shared_attention,
)
from gazebench_plugins.datasets.phantom.reading import (
    SimulatedGaze,
    pixels_per_degree,
    simulate_gaze,
    whole_view,
    zoomed_view,
)

SIZE = Size(240, 208)
IMAGES, READERS = 40, 5


def as_fixations(gaze: SimulatedGaze) -> Fixations:
    sigma = np.array([pixels_per_degree(SIZE, view) for view in gaze.views], np.float64)
    return Fixations(
        x=gaze.x,
        y=gaze.y,
        start_s=gaze.start_s,
        end_s=gaze.end_s,
        sigma_x=sigma,
        sigma_y=sigma,
        shown=np.array([view.shown for view in gaze.views], np.int64),
    )


def simulated_case(index: int, reliability: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the measured and the expected ceiling of every reader of one image."""
    rng = np.random.default_rng([17, index])
    anatomy = draw_anatomy(rng)
    shared = shared_attention(anatomy, draw_findings(anatomy, rng))
    densities, readings = [], []
    for _ in range(READERS):
        attention = reader_attention(shared, own_attention(anatomy, rng), reliability)
        gaze = simulate_gaze(attention, SIZE, rng, plain=True)
        duration = gaze.end_s - gaze.start_s
        densities.append(fixation_density(as_fixations(gaze), SIZE))
        readings.append(SimulatedReading(attention=attention, shares=duration / duration.sum()))
    stack = np.stack(densities)
    references = leave_one_out(stack)
    measured = [
        float(ScoredMap(own).ncc(reference[None])[0])
        for own, reference in zip(stack, references, strict=True)
    ]
    blur = round(DEGREE * SIZE.height) / SIZE.height
    return np.array(measured), expected_ncc(readings, SIZE, blur=blur)


@pytest.mark.parametrize("reliability", [0.2, 0.5, 0.8, 1.0])
def test_the_measured_ceiling_is_the_known_one(reliability: float) -> None:
    found = [simulated_case(index, reliability) for index in range(IMAGES)]
    difference = np.array([measured.mean() - expected.mean() for measured, expected in found])

    standard_error = difference.std(ddof=1) / np.sqrt(IMAGES)

    # 0.01: mass that falls off the image, and the variance of a ratio, are not in the formula.
    assert abs(difference.mean()) < 3 * standard_error + 0.01


def test_the_ceiling_grows_with_reliability() -> None:
    means = [
        np.mean([simulated_case(index, reliability)[0].mean() for index in range(12)])
        for reliability in (0.1, 0.4, 0.7, 1.0)
    ]

    assert means == sorted(means)
    assert means[-1] - means[0] > 0.2


def test_gaze_is_drawn_from_the_density_that_is_stated() -> None:
    rng = np.random.default_rng(5)
    anatomy = draw_anatomy(rng)
    attention = shared_attention(anatomy, draw_findings(anatomy, rng))
    places = attention.draw(200_000, rng)
    size = Size(12, 10)

    counted, _, _ = np.histogram2d(
        places[:, 1], places[:, 0], bins=tuple(size), range=[[0, 1], [0, 1]]
    )
    fine = attention.density(Size(120, 100)).reshape(12, 10, 10, 10).sum((1, 3))

    np.testing.assert_allclose(counted / 200_000, fine, atol=0.003)


def test_findings_draw_the_eye() -> None:
    rng = np.random.default_rng(8)
    shares = []
    for _ in range(30):
        anatomy = draw_anatomy(rng)
        findings = draw_findings(anatomy, rng)
        if findings:
            mask = lesion_mask(findings, SIZE)
            density = shared_attention(anatomy, findings).density(SIZE)
            shares.append(density[mask].sum() / mask.mean())

    assert np.mean(shares) > 3  # times what blind gaze would give


def test_the_first_view_shows_the_whole_image_in_the_middle_of_the_screen() -> None:
    view = whole_view(Size(3056, 2544))

    assert view.shown == (0, 0, 2544, 3056)
    assert view.screen == (1021, 0, 2819, 2160)


def test_a_zoomed_view_keeps_its_scale_and_stays_on_the_image() -> None:
    size = Size(3056, 2544)
    view = zoomed_view(size, 2.0, (200.0, 300.0))

    scale = min(2160 / 3056, 2520 / 2544) * 2
    x0, y0, x1, y1 = view.shown
    left, top, right, bottom = view.screen

    assert (x0, y0) == (0, 0)
    assert (right - left) / (x1 - x0) == pytest.approx(scale, rel=2e-3)
    assert (bottom - top) / (y1 - y0) == pytest.approx(scale, rel=2e-3)
    assert 660 <= left < right <= 3180
    assert 0 <= top < bottom <= 2160
