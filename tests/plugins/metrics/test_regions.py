"""Maps against what readers marked: energy, IoU, AUC."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import jaccard_score, roc_auc_score

from gazebench.errors import PluginError
from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Size, Status
from gazebench_plugins.metrics.regions import frame, region_auc, region_energy, region_iou
from scored_cases import make_target, score, some_maps


def marked(*regions):
    masks = tuple(None if region is None else np.array(region, bool) for region in regions)
    size = next(Size(*mask.shape) for mask in masks if mask is not None)
    uniform = np.full((len(masks), *size), 1 / (size.height * size.width))
    return Target(size=size, references=uniform, regions=masks)


def test_energy_is_the_share_of_mass_inside():
    target = marked([[1, 0], [0, 0]], [[0, 1], [1, 1]], [[1, 1], [1, 1]])

    assert score(region_energy, np.array([[1.0, 2.0], [0.0, 5.0]]), target) == pytest.approx(
        [1 / 8, 7 / 8, 1.0]
    )


def test_energy_of_a_uniform_map_is_the_regions_share_of_the_image():
    target = make_target()

    found = score(region_energy, np.zeros((14, 19)), target)

    assert found == pytest.approx([region.mean() for region in target.regions], abs=1e-7)


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("kind", some_maps())
def test_iou_is_of_the_region_and_what_reaches_the_threshold_of_the_range(kind, threshold):
    values, target = some_maps()[kind], make_target()

    low, high = values.min(), values.max()
    selected = values >= np.float32(low + threshold * (high - low))
    expected = [jaccard_score(region.ravel(), selected.ravel()) for region in target.regions]

    assert score(region_iou, values, target, threshold=threshold) == pytest.approx(expected)


def test_iou_threshold_is_half_the_range_unless_said_otherwise():
    target = marked([[1, 1, 0, 0]])

    assert score(region_iou, np.array([[-4.0, 4.0, 0.0, -0.5]]), target) == pytest.approx([1 / 3])
    assert score(region_iou, np.array([[-4.0, 4.0, 0.0, -0.5]]), target, threshold=0.6) == [0.5]


def test_iou_of_a_constant_map_is_the_regions_share_of_the_image():
    assert score(region_iou, np.full((1, 4), 0.1), marked([[1, 0, 0, 0]]), threshold=0.3) == [0.25]


def test_iou_copes_with_a_range_wider_than_float32():
    target = marked([[1, 0, 0]])

    assert score(region_iou, np.array([[3e38, 1e38, -3e38]], np.float32), target) == [0.5]


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_iou_refuses_a_threshold_that_is_no_share(threshold):
    with pytest.raises(PluginError, match="not a share of the map's range"):
        score(region_iou, np.ones((1, 2)), marked([[1, 0]]), threshold=threshold)


@pytest.mark.parametrize("kind", some_maps())
def test_auc_tells_pixels_inside_from_those_outside(kind):
    values, target = some_maps()[kind], make_target()

    expected = [roc_auc_score(region.ravel(), values.ravel()) for region in target.regions]

    assert score(region_auc, values, target) == pytest.approx(expected, abs=1e-12)


def test_auc_of_a_region_that_is_the_whole_image_has_no_value():
    target = marked([[1, 1]], [[1, 0]])

    found = evaluate(region_auc, {}, ScoredMap(np.array([[2.0, 1.0]])), target)

    assert [outcome.status for outcome in found] == [Status.UNDEFINED, Status.OK]
    assert found[1].value == 1.0


@pytest.mark.parametrize("metric", [region_auc, region_energy, region_iou])
def test_readings_without_a_region_are_not_applicable_and_the_others_are_scored(metric):
    target = marked(None, [[1, 0, 0]], None)

    found = evaluate(metric, {}, ScoredMap(np.array([[1.0, 0.0, 0.0]])), target)

    assert [outcome.value for outcome in found] == [None, 1.0, None]
    assert found[0].status is Status.NOT_APPLICABLE
    assert "marked" in found[0].reason


def test_frame_is_cut_at_the_image():
    region = np.zeros((5, 6), bool)
    region[1, 2:5] = True

    assert frame(region) == (slice(1, 2), slice(2, 5))
    assert frame(region, 2) == (slice(0, 4), slice(0, 6))
