"""AUCs of fixation points as plugins, against scikit-learn and against what they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Points, Size, Status
from gazebench_plugins.metrics.fixation_auc import auc_borji, auc_judd, sauc_fixation
from scored_cases import make_target, score, some_maps

ALL = [auc_borji, auc_judd, sauc_fixation]

every_kind = pytest.mark.parametrize("kind", some_maps())


def area(positives, negatives):
    """The area under the ROC curve by scikit-learn."""
    labels = np.r_[np.ones(len(positives)), np.zeros(len(negatives))]
    return roc_auc_score(labels, np.r_[positives, negatives])


@every_kind
def test_judd_tells_fixated_pixels_from_all_others(kind):
    values, target = some_maps()[kind], make_target()

    expected = []
    for points in target.fixations:
        fixated = np.zeros(target.size, bool)
        fixated[points.rows, points.columns] = True
        expected.append(area(values[fixated], values[~fixated]))

    assert score(auc_judd, values, target) == pytest.approx(expected, abs=1e-12)


@every_kind
def test_borji_tells_every_fixation_from_all_pixels(kind):
    values, target = some_maps()[kind], make_target()

    expected = [area(values[p.rows, p.columns], values.ravel()) for p in target.fixations]

    assert score(auc_borji, values, target) == pytest.approx(expected, abs=1e-12)


def test_borji_is_what_random_negatives_average_to():
    values, target = some_maps()["tied"], make_target(readings=1)
    (points,) = target.fixations
    positives, rng = values[points.rows, points.columns], np.random.default_rng(5)

    splits = [area(positives, rng.choice(values.ravel(), len(positives))) for _ in range(600)]

    error = np.std(splits) / np.sqrt(len(splits))
    assert score(auc_borji, values, target)[0] == pytest.approx(np.mean(splits), abs=4 * error)


@every_kind
def test_shuffled_tells_every_fixation_from_other_images_fixations(kind):
    values, target = some_maps()[kind], make_target()
    negatives = values[target.other_fixations.rows, target.other_fixations.columns]

    expected = [area(values[p.rows, p.columns], negatives) for p in target.fixations]

    assert score(sauc_fixation, values, target) == pytest.approx(expected, abs=1e-12)
    assert sauc_fixation.shuffled


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.title)
def test_constant_map_scores_exactly_chance(metric):
    assert score(metric, np.ones((14, 19)), make_target()).tolist() == [0.5] * 3


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.title)
def test_negated_map_scores_the_rest_to_one(metric):
    values, target = some_maps()["signed"], make_target()

    both = score(metric, values, target) + score(metric, -values, target)

    assert both == pytest.approx(1.0, abs=1e-12)


def test_a_map_that_is_highest_where_people_looked_scores_one_with_judd_only():
    points = Points(np.array([0, 0]), np.array([1, 1]))
    target = Target(size=Size(1, 4), references=np.full((1, 1, 4), 0.25), fixations=(points,))
    values = np.array([[0.0, 5.0, 1.0, 2.0]])

    assert score(auc_judd, values, target).tolist() == [1.0]
    assert score(auc_borji, values, target).tolist() == [1 - 0.5 / 4]  # ties with itself


def test_judd_without_a_pixel_left_over_has_no_value():
    points = Points(np.array([0, 0]), np.array([0, 1]))
    target = Target(size=Size(1, 2), references=np.full((1, 1, 2), 0.5), fixations=(points,))

    (found,) = evaluate(auc_judd, {}, ScoredMap(np.array([[1.0, 2.0]])), target)

    assert found.status is Status.UNDEFINED
