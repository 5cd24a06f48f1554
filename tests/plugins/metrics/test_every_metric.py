"""What holds for every metric plugin: agreement with plain float64, direction, bounds, order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.registry.host import Host
from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.capabilities import EXPLANATIONS, REFERENCE
from gazebench.spec.values import Size, Status
from gazebench_plugins.metrics.auc import auc, sauc
from gazebench_plugins.metrics.emd import emd
from gazebench_plugins.metrics.fixation_auc import auc_borji, auc_judd, sauc_fixation
from gazebench_plugins.metrics.information import ig, kl
from gazebench_plugins.metrics.ncc import ncc, sncc
from gazebench_plugins.metrics.nss import nss, snss
from gazebench_plugins.metrics.pointing_game import pointing_game
from gazebench_plugins.metrics.regions import region_auc, region_energy, region_iou
from gazebench_plugins.metrics.similarity import sim, spearman
from scored_cases import SIZE, make_target, permuted, plain_score, score, some_maps
from strategies import maps, unhurried

METRICS = {
    "ncc": ncc,
    "sncc": sncc,
    "auc": auc,
    "sauc": sauc,
    "auc_borji": auc_borji,
    "auc_judd": auc_judd,
    "emd": emd,
    "ig": ig,
    "kl": kl,
    "nss": nss,
    "pointing_game": pointing_game,
    "region_auc": region_auc,
    "region_energy": region_energy,
    "region_iou": region_iou,
    "sauc_fixation": sauc_fixation,
    "sim": sim,
    "snss": snss,
    "spearman": spearman,
}
ORDER_ONLY = [auc, sauc, auc_borji, auc_judd, sauc_fixation, region_auc, spearman, pointing_game]
AFFINE = [ncc, sncc, nss, snss, region_iou]
SCALE_ONLY = [sim, kl, ig, emd, region_energy]

every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


def test_every_metric_is_announced_under_its_name():
    host = Host()

    assert {host.get("metric", name).descriptor for name in METRICS} == set(METRICS.values())


@every_metric
@pytest.mark.parametrize("kind", some_maps())
@pytest.mark.parametrize("size", [SIZE, Size(1, 7), Size(3, 2)], ids=str)
def test_equals_plain_float64(metric, kind, size):
    values, target = some_maps(size)[kind], make_target(size)

    expected = plain_score(metric, values, target)

    assert score(metric, values, target) == pytest.approx(expected, abs=2e-6, rel=2e-6, nan_ok=True)


@every_metric
def test_says_what_it_is(metric):
    low, high = metric.range
    assert low < high
    assert metric.chance is None or low <= metric.chance <= high
    assert metric.needs <= set(EXPLANATIONS)
    assert metric.reference.strip()
    assert metric.version == 1


@every_metric
def test_what_it_needs_and_is_not_there_is_named(metric):
    bare = Target(size=SIZE, references=make_target().references)

    (outcome, *_) = evaluate(metric, {}, ScoredMap(some_maps()["random"]), bare)

    missing = sorted(metric.needs - {REFERENCE})
    assert outcome.status is (Status.NOT_APPLICABLE if missing else Status.OK)
    assert outcome.reason == (
        "there is no " + " and no ".join(EXPLANATIONS[need] for need in missing) if missing else ""
    )


@every_metric
@pytest.mark.parametrize("kind", some_maps())
def test_stays_within_its_range(metric, kind):
    found = plain_score(metric, some_maps()[kind], make_target())

    low, high = metric.range
    found = found[~np.isnan(found)]
    assert ((low - 1e-9 <= found) & (found <= high + 1e-9)).all()


@every_metric
def test_permuted_readings_permute_the_values(metric):
    values, target = some_maps()["signed"], make_target()

    found = score(metric, values, permuted(target, [2, 0, 1]))

    assert found.tolist() == score(metric, values, target)[[2, 0, 1]].tolist()


@every_metric
def test_readings_are_scored_independently(metric):
    values, target = some_maps()["tied"], make_target()

    alone = [score(metric, values, target.only([index]))[0] for index in range(3)]

    assert alone == pytest.approx(score(metric, values, target).tolist(), abs=1e-12)


@pytest.mark.parametrize("metric", ORDER_ONLY, ids=lambda metric: metric.title)
@given(values=maps(SIZE))
@unhurried
def test_strictly_increasing_transforms_change_nothing(metric, values):
    levels, places = np.unique(values, return_inverse=True)
    stretched = np.cumsum(1.0 + np.arange(len(levels)) % 3)[places].reshape(SIZE) - 5.0

    target = make_target()

    expected = score(metric, values, target)
    assert score(metric, stretched, target) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("metric", AFFINE, ids=lambda metric: metric.title)
@given(
    values=maps(SIZE).filter(lambda values: np.abs(values).max() < 1e6),
    factor=st.sampled_from([0.25, 2.0, 64.0]),
    offset=st.integers(-8, 8),
)
@unhurried
def test_positive_affine_transforms_change_nothing(metric, values, factor, offset):
    # On few levels the transform is exact in float32: what is left is the metric's own doing.
    levels = np.round(np.clip(values, -4.0, 4.0) * 4.0) / 4.0
    target = make_target()

    expected = score(metric, levels, target)
    found = score(metric, levels * factor + offset, target)
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("metric", SCALE_ONLY, ids=lambda metric: metric.title)
@pytest.mark.parametrize("kind", some_maps())
@pytest.mark.parametrize("factor", [1e-3, 8.0, 1e5])
def test_scale_changes_nothing(metric, kind, factor):
    values, target = some_maps()[kind].astype(np.float64), make_target()

    expected = score(metric, values, target)

    assert score(metric, values * factor, target) == pytest.approx(expected, abs=2e-6, rel=2e-6)


@pytest.mark.parametrize("metric", [sim, ncc, spearman], ids=lambda metric: metric.title)
def test_map_and_reference_may_change_places(metric):
    target = make_target(readings=2)
    first, second = target.references

    (there,) = score(metric, first, Target(size=SIZE, references=second[None]))
    (back,) = score(metric, second, Target(size=SIZE, references=first[None]))

    assert there == pytest.approx(back, abs=1e-6)


@pytest.mark.parametrize(
    ("metric", "best"), [(ncc, 1.0), (spearman, 1.0), (sim, 1.0), (kl, 0.0), (emd, 0.0)]
)
def test_reference_itself_is_the_best_map(metric, best):
    target = make_target(readings=1)

    (found,) = score(metric, target.references[0], target)

    assert found == pytest.approx(best, abs=1e-6)
    others = [score(metric, values, target)[0] for values in some_maps().values()]
    worse = [other < found if metric.higher_is_better else other > found for other in others]
    assert all(worse[index] for index in np.flatnonzero(~np.isnan(others)))


@pytest.mark.parametrize(
    "metric",
    # The level of the information gain is what the centre bias gets, not noise.
    [metric for metric in METRICS.values() if metric.chance is not None and metric is not ig],
    ids=lambda metric: metric.title,
)
def test_noise_scores_chance(metric):
    rng, target = np.random.default_rng(3), make_target(Size(30, 40), readings=1)

    found = [score(metric, rng.standard_normal((30, 40)), target)[0] for _ in range(400)]

    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(metric.chance, abs=4 * error)
