"""Our metrics against pysaliency's, on real fixations.

Eight photographs of OSIE with 15 observers each; the reference is what 14 of them looked at. Both
sides get the same map in the same precision, the same pixels as fixations, the same density as
reference. Where the definitions differ on purpose, the test says how, and by how much at most.

What pysaliency 0.2 computes, read from its code: a map becomes a distribution as ours does,
(S - min(S, 0)) / sum; deviations are the population's; every fixation counts; ties count half.
Constant maps are not compared: there its NSS and CC are 0, ours have no value.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from gazebench.engine.targets import GazeSource
from gazebench.gaze.points import points_of, positions
from gazebench.registry.host import Host
from gazebench.scoring.target import Target
from gazebench.spec.capabilities import CENTRE_BIAS, FIXATIONS, OTHER_FIXATIONS
from gazebench.spec.values import Points
from gazebench_plugins.metrics.auc import auc, sauc
from gazebench_plugins.metrics.fixation_auc import auc_borji, auc_judd, sauc_fixation
from gazebench_plugins.metrics.information import EPSILON, ig, kl
from gazebench_plugins.metrics.ncc import ncc
from gazebench_plugins.metrics.nss import nss
from gazebench_plugins.metrics.similarity import sim
from scored_cases import score

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources, which says that it will go
    pysaliency = pytest.importorskip("pysaliency", reason="the golden tests need pysaliency")
    from pysaliency.metrics import MIT_KLDiv, image_based_kl_divergence

OSIE = Path(__file__).resolve().parents[2] / "examples" / "datasets" / "osie.toml"
MAPS = ["other observer", "centre bias", "heavy-tailed", "tied", "signed"]

every_map = pytest.mark.parametrize("kind", MAPS)
Map = NDArray[np.float32]


@dataclass(frozen=True)
class Photograph:
    """One photograph: what maps are scored against, the maps, and every observer's fixations."""

    target: Target
    maps: dict[str, Map]
    everyone: Points


@pytest.fixture(scope="module")
def photographs(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Photograph, ...]:
    description = tmp_path_factory.mktemp("osie") / "osie.toml"
    description.write_text("keep = 'image <= \"1008.jpg\"'\n" + OSIE.read_text())
    folder = Host().get("dataset", f"folder:description={description}")
    dataset = folder.call(shared_data / "osie_mit_fixations")
    source = GazeSource(dataset, recipe="loio")
    cases = dataset.cases()
    assert not source.readings_without_density(cases, on_case=lambda: None)
    found = []
    for index, case in enumerate(cases):
        gaze = source.gaze(case, frozenset({CENTRE_BIAS, FIXATIONS, OTHER_FIXATIONS}))
        target = gaze.target.only([0])
        where = [positions(dataset.fixations(case, reading)) for reading in case.readings]
        everyone = points_of(np.concatenate(where), case.size)
        found.append(Photograph(target, make_maps(target, gaze.densities[0], index), everyone))
    assert len(found) == 8
    return tuple(found)


def make_maps(target: Target, own: NDArray[np.floating], seed: int) -> dict[str, Map]:
    rng = np.random.default_rng(seed)
    assert target.centre_bias is not None
    made = {
        "other observer": own,
        "centre bias": target.centre_bias,
        "heavy-tailed": np.abs(rng.standard_t(1.5, own.shape)) ** 2,
        "tied": rng.integers(0, 12, own.shape) + 12 * (own > np.median(own)),
        "signed": rng.standard_normal(own.shape),
    }
    return {name: np.asarray(values, np.float32) for name, values in made.items()}


class Given(pysaliency.SaliencyMapModel):
    """Pysaliency's view of one map per photograph; a photograph is known by its first pixel."""

    def __init__(self, maps: list[Map]) -> None:
        super().__init__(caching=False)
        self.maps = [values.astype(np.float64) for values in maps]

    def _saliency_map(self, stimulus: NDArray[np.uint8]) -> NDArray[np.float64]:
        return self.maps[int(np.asarray(stimulus)[0, 0])]


@pytest.fixture(scope="module")
def stimuli(photographs: tuple[Photograph, ...]) -> object:
    sizes = [tuple(one.target.size) for one in photographs]
    return pysaliency.Stimuli([np.full(size, n, np.uint8) for n, size in enumerate(sizes)])


@pytest.fixture(scope="module")
def fixations(photographs: tuple[Photograph, ...]) -> object:
    return as_fixations([one.target.fixations[0] for one in photographs])


def as_fixations(points: list[Points]) -> object:
    columns = np.concatenate([p.columns for p in points]).astype(float)
    rows = np.concatenate([p.rows for p in points]).astype(float)
    photograph = np.repeat(np.arange(len(points)), [len(p.rows) for p in points])
    return pysaliency.Fixations.create_without_history(columns, rows, photograph)


@pytest.fixture
def trapezoids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give pysaliency the name under which older versions of numpy had the trapezoid rule."""
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)


def ours(metric: object, photographs: tuple[Photograph, ...], kind: str) -> NDArray[np.float64]:
    return np.array([score(metric, one.maps[kind], one.target)[0] for one in photographs])


def model_of(photographs: tuple[Photograph, ...], kind: str) -> Given:
    return Given([one.maps[kind] for one in photographs])


def by_photograph(values: NDArray[np.float64], fixations: object) -> list[float]:
    return [float(values[fixations.n == n].mean()) for n in range(8)]


@every_map
def test_nss(photographs, stimuli, fixations, kind):
    theirs = by_photograph(model_of(photographs, kind).NSSs(stimuli, fixations), fixations)

    assert ours(nss, photographs, kind) == pytest.approx(theirs, abs=1e-6)


@every_map
def test_auc_against_uniform_is_auc_borji(photographs, stimuli, fixations, kind):
    """Pysaliency calls it AUC with uniform nonfixations; exact on both sides."""
    found = model_of(photographs, kind).AUCs(stimuli, fixations, nonfixations="uniform")

    expected = by_photograph(found, fixations)
    assert ours(auc_borji, photographs, kind) == pytest.approx(expected, abs=1e-12)


@every_map
def test_shuffled_auc_with_all_nonfixations(photographs, stimuli, kind):
    """Every fixation on all other images, on both sides; so the positives are every observer's too.

    Pysaliency stretches other images to this one's size, we lay chest box on chest box: with
    photographs of one size and no boxes, neither moves a fixation.
    """
    fixations = as_fixations([one.everyone for one in photographs])

    found = by_photograph(model_of(photographs, kind).sAUCs(stimuli, fixations), fixations)

    targets = [replace(one.target, fixations=(one.everyone,)) for one in photographs]
    pairs = zip(photographs, targets, strict=True)
    scores = [score(sauc_fixation, one.maps[kind], target)[0] for one, target in pairs]
    assert scores == pytest.approx(found, abs=1e-12)


@every_map
def test_judd_is_the_full_area_of_its_unfixated_curve(photographs, stimuli, trapezoids, kind):
    """AUC per image, nonfixations `unfixated`, all thresholds, each fixated pixel once: exact."""
    once = as_fixations([each_once(one.target.fixations[0]) for one in photographs])

    model = model_of(photographs, kind)
    theirs = model.AUC_per_image(stimuli, once, nonfixations="unfixated", thresholds="all")

    assert ours(auc_judd, photographs, kind) == pytest.approx(theirs, abs=1e-12)


@every_map
def test_judd_with_thresholds_at_fixations_adds_less_than_half_a_step(
    photographs, stimuli, trapezoids, kind
):
    """`AUC_Judd` without its jitter: straight lines between thresholds at fixated values only.

    Between two of them the true curve runs level and then jumps by the number of fixated pixels
    that share the value; the line cuts off at most half that jump.
    """
    once = as_fixations([each_once(one.target.fixations[0]) for one in photographs])

    theirs = model_of(photographs, kind).AUC_per_image(
        stimuli, once, nonfixations="unfixated", thresholds="fixations"
    )

    for one, found, full in zip(
        photographs, theirs, ours(auc_judd, photographs, kind), strict=True
    ):
        points = each_once(one.target.fixations[0])
        values = one.maps[kind][points.rows, points.columns]
        jump = np.unique(values, return_counts=True)[1].max() / len(values)
        assert -1e-12 <= found - full <= jump / 2 + 1e-12


def each_once(points: Points) -> Points:
    return Points(*np.unique(np.stack(points), axis=1))


@every_map
def test_cc_is_ncc(photographs, stimuli, kind):
    theirs = model_of(photographs, kind).CCs(stimuli, references(photographs))

    assert ours(ncc, photographs, kind) == pytest.approx(theirs, abs=1e-6)


@every_map
def test_sim(photographs, stimuli, kind):
    theirs = model_of(photographs, kind).SIMs(stimuli, references(photographs))

    assert ours(sim, photographs, kind) == pytest.approx(theirs, abs=1e-6)


@every_map
def test_kl_with_the_regularisation_of_the_mit_benchmark(photographs, kind):
    """Its epsilon stands in the quotient and in the logarithm, ours in the quotient.

    The second place matters less than 1e-12. Its constant is 2.2204e-16, ours has MATLAB's next
    digits: 2.1e-5 nats per unit of mass where the map is 0.
    """
    for one, found in zip(photographs, ours(kl, photographs, kind), strict=True):
        pair = one.maps[kind].astype(float), one.target.references[0].astype(float)
        with np.errstate(divide="ignore"):  # it takes the logarithm of a density's zeros
            same = image_based_kl_divergence(*pair, 0.0, EPSILON, EPSILON)
            theirs = MIT_KLDiv(*pair)

        assert found == pytest.approx(same, abs=1e-6)
        assert found == pytest.approx(theirs, abs=2.2e-5)


def test_kl_with_its_default_regularisation(photographs):
    """It adds 1e-20 to every pixel of both maps: no matter where both are larger than that.

    The centre bias is. One observer's density is not, away from the fixations: there its KL is 4.9
    where ours and the MIT benchmark's is 3.8, and the number tells the constant more than the map.
    """
    theirs = [
        image_based_kl_divergence(
            one.maps["centre bias"].astype(float), one.target.references[0].astype(float)
        )
        for one in photographs
    ]

    assert ours(kl, photographs, "centre bias") == pytest.approx(theirs, abs=1e-6)


@every_map
def test_information_gain_over_the_centre_bias(photographs, stimuli, fixations, kind):
    """Its models are normalised by their makers: the 1 % of uniform is mixed in on its side too."""
    theirs = Density([mixed(one.maps[kind]) for one in photographs])
    baseline = Density([mixed(one.target.centre_bias) for one in photographs])

    found = theirs.information_gains(stimuli, fixations, baseline)

    expected = by_photograph(found, fixations)
    assert ours(ig, photographs, kind) == pytest.approx(expected, abs=1e-5)


class Density(pysaliency.Model):
    """Pysaliency's view of one density per photograph."""

    def __init__(self, densities: list[NDArray[np.float64]]) -> None:
        super().__init__(caching=False)
        self.densities = densities

    def _log_density(self, stimulus: NDArray[np.uint8]) -> NDArray[np.float64]:
        return np.log(self.densities[int(np.asarray(stimulus)[0, 0])])


def mixed(values: NDArray[np.floating] | None) -> NDArray[np.float64]:
    assert values is not None
    raised = values.astype(float) - min(float(values.min()), 0.0)
    return 0.99 * raised / raised.sum() + 0.01 / raised.size


def references(photographs: tuple[Photograph, ...]) -> Given:
    return Given([one.target.references[0] for one in photographs])


@every_map
@pytest.mark.parametrize("metric", [auc, sauc], ids=lambda metric: metric.title)
def test_density_aucs_are_scikit_learns_with_weights(photographs, metric, kind):
    """Every pixel once as a positive, weighing the reference, and once as a negative."""
    one = photographs[0]
    values, positives = one.maps[kind].ravel(), one.target.references[0].ravel()
    negatives = np.ones(values.size) if metric is auc else one.target.centre_bias.ravel()

    expected = roc_auc_score(
        np.repeat([1, 0], values.size),
        np.tile(values, 2),
        sample_weight=np.concatenate([positives / positives.sum(), negatives / negatives.sum()]),
    )

    # The fast way counts bins as ties, and is off by no more than its certificate.
    assert score(metric, one.maps[kind], one.target) == pytest.approx([expected], abs=1e-5)


@every_map
def test_fixation_auc_is_scikit_learns(photographs, kind):
    for one in photographs[:2]:
        values, points = one.maps[kind], one.target.fixations[0]
        positives = values[points.rows, points.columns]
        labels = np.r_[np.ones(len(positives)), np.zeros(values.size)]

        expected = roc_auc_score(labels, np.r_[positives, values.ravel()])

        found = score(auc_borji, values, one.target)
        assert found == pytest.approx([expected], abs=1e-12)
