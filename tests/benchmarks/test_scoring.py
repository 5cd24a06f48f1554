"""Scores of one map against five readings at native size, beside what others do for the same.

Identical inputs, one run: read the ratios, not the seconds (`python tests/benchmarks/report.py`).
Ours are measured as a run computes them: what belongs to the readings (their moments, entropies)
is known, what belongs to the map is computed anew every time. One thread, without a case's other
maps to share anything with.
"""

from __future__ import annotations

import numpy as np
import pytest

from gazebench.gaze.buffers import Buffers
from gazebench.scoring.scored_map import ScoredMap

DRAWN = 1000  # positives, and as many negatives, of the published estimate
EPSILON = 2.220446e-16
AUCS = "AUC and sAUC, five readings"


@pytest.fixture(scope="module")
def pysaliency_metrics():
    pytest.importorskip("pkg_resources", reason="pysaliency needs setuptools below 81")
    pytest.importorskip("pysaliency", reason="pip install 'gazebench[golden]'")
    from pysaliency import metrics

    return metrics


@pytest.fixture
def scored(saliency_map, target):
    """Make the map to be scored, in memory that a thread uses again."""
    buffers = Buffers()
    return lambda **how: ScoredMap(saliency_map, target, buffers=buffers, **how)


def both_aucs(made, target):
    return np.stack(
        [
            made.ranks(None).auc(target.references),
            made.ranks(target.centre_bias).auc(target.references),
        ]
    )


@pytest.mark.benchmark(group=AUCS)
def test_aucs(benchmark, scored, target):
    found = benchmark(lambda: both_aucs(scored(), target))

    np.testing.assert_allclose(found, both_aucs(scored(exact=True), target), atol=1e-6)


@pytest.mark.benchmark(group=AUCS)
def test_aucs_by_sorting(benchmark, scored, target):
    benchmark.extra_info["beside"] = "our exact mode (64-bit keys sorted)"

    benchmark.pedantic(lambda: both_aucs(scored(exact=True), target), rounds=3, warmup_rounds=1)


def drawn_aucs(values, target, rng):
    """The published estimate: 1,000 + 1,000 random pixels a score, areas by scikit-learn."""
    from sklearn.metrics import roc_auc_score

    flat, labels = values.ravel(), np.repeat([1, 0], DRAWN)
    uniform = np.full(flat.size, 1 / flat.size, np.float32)

    def draw(weights):
        weights = weights.astype(np.float64)
        return flat[rng.choice(flat.size, DRAWN, p=weights / weights.sum())]

    return np.array(
        [
            [
                roc_auc_score(labels, np.concatenate([draw(p.ravel()), draw(q)]))
                for p in target.references
            ]
            for q in (uniform, target.centre_bias.ravel())
        ]
    )


@pytest.mark.benchmark(group=AUCS)
def test_aucs_by_sampling(benchmark, saliency_map, scored, target):
    benchmark.extra_info["beside"] = "1,000 + 1,000 random pixels, scikit-learn"
    rng = np.random.default_rng(2)

    found = benchmark.pedantic(drawn_aucs, (saliency_map, target, rng), rounds=2)

    truth = both_aucs(scored(), target)
    assert np.abs(found - truth).max() < 0.06, "five standard errors of an estimate"


def sorted_aucs(values, target):
    """The exact expectation with numpy alone: one argsort, sums along it, ties by halves."""
    flat = values.ravel()
    order = np.argsort(flat)
    ascending = flat[order]
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    lengths = np.diff(np.concatenate([starts, [flat.size]]))
    found = []
    for q in (None, target.centre_bias.ravel()):
        mass = np.ones(flat.size) if q is None else q[order].astype(np.float64)
        tied = np.add.reduceat(mass, starts)
        mid = np.repeat(np.cumsum(tied) - tied / 2, lengths) / mass.sum()
        sums = [p.ravel()[order].astype(np.float64) for p in target.references]
        found.append([p @ mid / p.sum() for p in sums])
    return np.array(found)


@pytest.mark.benchmark(group=AUCS)
def test_aucs_by_numpy(benchmark, saliency_map, scored, target):
    benchmark.extra_info["beside"] = "the same with numpy.argsort"

    found = benchmark.pedantic(sorted_aucs, (saliency_map, target), rounds=2)

    np.testing.assert_allclose(both_aucs(scored(), target), found, atol=1e-6)


@pytest.mark.benchmark(group="CC (NCC), five readings")
def test_correlation(benchmark, scored, target):
    scored().ncc(target.references)

    assert benchmark(lambda: scored().ncc(target.references)).shape == (5,)


@pytest.mark.benchmark(group="CC (NCC), five readings")
def test_correlation_with_pysaliency(benchmark, saliency_map, scored, target, pysaliency_metrics):
    benchmark.extra_info["beside"] = "pysaliency CC"

    found = benchmark.pedantic(
        lambda: [pysaliency_metrics.CC(saliency_map, p) for p in target.references], rounds=2
    )

    np.testing.assert_allclose(scored().ncc(target.references), found, atol=1e-5)


@pytest.mark.benchmark(group="NSS, five readings")
def test_nss(benchmark, scored, target):
    def ours():
        made = scored()
        return [((made.at(f) - made.mean) / made.deviation).mean() for f in target.fixations]

    assert len(benchmark(ours)) == 5


@pytest.mark.benchmark(group="NSS, five readings")
def test_nss_with_pysaliency(benchmark, saliency_map, scored, target, pysaliency_metrics):
    benchmark.extra_info["beside"] = "pysaliency NSS"

    found = benchmark.pedantic(
        lambda: [
            pysaliency_metrics.NSS(saliency_map, f.columns, f.rows).mean() for f in target.fixations
        ],
        rounds=2,
    )

    made = scored()
    ours = [((made.at(f) - made.mean) / made.deviation).mean() for f in target.fixations]
    np.testing.assert_allclose(ours, found, atol=1e-5)


@pytest.mark.benchmark(group="KL divergence, five readings")
def test_divergence(benchmark, scored, target):
    entropies = target.entropies

    found = benchmark(lambda: scored().cross_entropies(target.references, EPSILON) - entropies)

    assert found.shape == (5,)


@pytest.mark.benchmark(group="KL divergence, five readings")
def test_divergence_with_pysaliency(benchmark, saliency_map, scored, target, pysaliency_metrics):
    """Its MIT form; in float64, which its quotient of epsilons needs."""
    benchmark.extra_info["beside"] = "pysaliency MIT_KLDiv"
    wide, readings = saliency_map.astype(np.float64), target.references.astype(np.float64)

    with np.errstate(divide="ignore"):
        found = benchmark.pedantic(
            lambda: [pysaliency_metrics.MIT_KLDiv(wide, p) for p in readings], rounds=1
        )

    ours = scored().cross_entropies(target.references, EPSILON) - target.entropies
    np.testing.assert_allclose(ours, found, atol=1e-4)


@pytest.mark.benchmark(group="SIM, five readings")
def test_similarity(benchmark, scored, target):
    scored().intersections(target.references)

    assert benchmark(lambda: scored().intersections(target.references)).shape == (5,)


@pytest.mark.benchmark(group="SIM, five readings")
def test_similarity_with_pysaliency(benchmark, saliency_map, scored, target, pysaliency_metrics):
    benchmark.extra_info["beside"] = "pysaliency SIM"

    found = benchmark.pedantic(
        lambda: [pysaliency_metrics.SIM(saliency_map, p) for p in target.references], rounds=2
    )

    np.testing.assert_allclose(scored().intersections(target.references), found, atol=1e-4)


@pytest.mark.benchmark(group="fixation AUC (uniform negatives), five readings")
def test_fixation_auc(benchmark, scored, target):
    def ours():
        made = scored()
        return [made.mid_ranks(points).mean() for points in target.fixations]

    assert len(benchmark(ours)) == 5


@pytest.mark.benchmark(group="fixation AUC (uniform negatives), five readings")
def test_fixation_auc_with_pysaliency(benchmark, saliency_map, scored, target, pysaliency_metrics):
    benchmark.extra_info["beside"] = "pysaliency general_rocs_per_positive"
    from pysaliency.roc import general_rocs_per_positive

    wide = saliency_map.astype(np.float64)

    def theirs():
        negatives = wide.ravel()
        return [
            general_rocs_per_positive(wide[f.rows, f.columns], negatives).mean()
            for f in target.fixations
        ]

    found = benchmark.pedantic(theirs, rounds=1)

    ours = [scored().mid_ranks(points).mean() for points in target.fixations]
    np.testing.assert_allclose(ours, found, atol=1e-6)
