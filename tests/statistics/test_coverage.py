"""What intervals, tests, ranks and verdicts promise, over simulated studies.

Every study draws readers and maps of known reliability (see `simulated`); the truth is the mean of
one huge study. Seeded, so that a failure is a change of the code and not of the luck.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from gazebench.leaderboard.pool import JointResamples
from gazebench.spec.board import Interval, Verdict
from gazebench.stats.equivalence import verdict
from gazebench.stats.intervals import bca_interval, percentile_interval
from gazebench.stats.ranks import (
    order_of,
    pairwise,
    probability_best,
    rank_intervals,
    tie_groups,
)
from simulated import SIXTH, resampled, scores_of

STUDIES = 300
MAPS = {"good": 0.8, "poor": 0.4}
NOMINAL = (0.92, 0.97)
MAKE = {"percentile": percentile_interval, "bca": bca_interval}


@pytest.fixture(scope="module")
def truth():
    """The population's scores, to a fortieth of the standard error of a study of 80 images."""
    huge = [scores_of(np.random.default_rng(10**6 + part), 40_000, MAPS) for part in range(4)]
    return {name: float(np.mean([part[name] for part in huge])) for name in huge[0]}


@pytest.fixture(scope="module")
def studies():
    """The intervals and verdicts of 1,000 studies of 80 images with 5 readings each."""
    return [_study(study) for study in range(1000)]


def _study(study: int):
    joint = resampled(scores_of(np.random.default_rng(study), 80, MAPS), seed=study)
    entries = ("good", "poor", SIXTH, "ceiling")
    fractions = {entry: joint.fraction("ncc", entry) for entry in entries}
    found = {(e, "verdict"): verdict(f, margin=0.1) for e, f in fractions.items()}
    for kind, make in MAKE.items():
        found |= {(e, "score", kind): make(joint.score("ncc", e)) for e in entries}
        found |= {(e, "fraction", kind): make(f) for e, f in fractions.items()}
    return found


def covered(intervals: list[Interval], truth: float) -> float:
    return float(np.mean([i.low <= truth <= i.high for i in intervals]))


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("entry", ["good", "poor", SIXTH, "ceiling"])
def test_intervals_of_scores_and_ceiling_cover(studies, truth, entry, kind) -> None:
    share = covered([study[entry, "score", kind] for study in studies], truth[entry])

    assert NOMINAL[0] <= share <= NOMINAL[1]


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("entry", ["good", "poor", SIXTH])
def test_intervals_of_fractions_cover(studies, truth, entry, kind) -> None:
    expected = 1.0 if entry == SIXTH else truth[entry] / truth["ceiling"]

    share = covered([study[entry, "fraction", kind] for study in studies], expected)

    assert NOMINAL[0] <= share <= NOMINAL[1]


def test_a_sixth_reader_scores_like_the_ceiling(truth) -> None:
    assert truth[SIXTH] == pytest.approx(truth["ceiling"], abs=0.003)


def test_verdicts_are_right_in_clear_cases(studies) -> None:
    verdicts = {e: [study[e, "verdict"] for study in studies] for e in (SIXTH, "poor")}

    assert verdicts["poor"].count(Verdict.NO) >= 0.99 * len(studies)
    assert verdicts[SIXTH].count(Verdict.NO) <= 0.01 * len(studies)
    assert verdicts[SIXTH].count(Verdict.YES) >= 0.5 * len(studies)


def test_verdict_yes_is_wrong_at_most_as_often_as_declared(truth) -> None:
    """The truth is on the edge of the margin: a yes is then an error, allowed in 5 % of studies."""
    margin = truth["good"] / truth["ceiling"] - 1
    assert margin > 0.05
    yes = 0
    for study in range(STUDIES):
        joint = resampled(scores_of(np.random.default_rng(1000 + study), 80, MAPS), seed=study)
        yes += verdict(joint.fraction("ncc", "good"), margin=margin) is Verdict.YES

    assert yes <= (0.05 + 2 * math.sqrt(0.05 * 0.95 / STUDIES)) * STUDIES


# --- patients ---------------------------------------------------------------------------------


def test_patients_of_several_images_are_covered_only_as_clusters() -> None:
    design = {"images_per_patient": 4, "spread": (1.0, 0.1)}
    truth = scores_of(np.random.default_rng(97), 100_000, {}, **design)[SIXTH].mean()
    by_patient, by_image = [], []
    for study in range(STUDIES):
        scores = {SIXTH: scores_of(np.random.default_rng(study), 240, {}, **design)[SIXTH]}
        for size, found in ((4, by_patient), (1, by_image)):
            joint = resampled(scores, seed=study, images_per_patient=size, resamples=500)
            found.append(percentile_interval(joint.score("ncc", SIXTH)))

    assert NOMINAL[0] <= covered(by_patient, truth) <= NOMINAL[1]
    assert covered(by_image, truth) < 0.85


# --- order ------------------------------------------------------------------------------------


def compared(joint: JointResamples, names: list[str]):
    estimates = [joint.score("ncc", name) for name in names]
    is_better = pairwise(estimates).is_better()
    return estimates, is_better, tie_groups(order_of(estimates), is_better)


def test_holm_keeps_the_family_wise_error_of_eight_equal_entries() -> None:
    names = [f"m{i}" for i in range(8)]
    wrong = 0
    for study in range(STUDIES):
        scores = scores_of(np.random.default_rng(2000 + study), 60, dict.fromkeys(names, 0.6))
        _, is_better, _ = compared(resampled(scores, seed=study), names)
        wrong += bool(is_better.any())

    assert wrong <= (0.05 + 2 * math.sqrt(0.05 * 0.95 / STUDIES)) * STUDIES


def test_planted_better_entry_separates_and_copies_share_a_group() -> None:
    fidelities = {"a": 0.5, "b": 0.5, "best": 0.75, "c": 0.5}
    names = [*fidelities, "copy"]
    alone = 0
    for study in range(STUDIES):
        scores = scores_of(np.random.default_rng(3000 + study), 80, fidelities)
        scores["copy"] = scores["a"]
        estimates, is_better, groups = compared(resampled(scores, seed=study), names)
        group, ranks = dict(zip(names, groups, strict=True)), rank_intervals(is_better)
        alone += group["best"] == 1 and groups.count(1) == 1
        assert group["copy"] == group["a"]
        assert ranks[names.index("copy")] == ranks[names.index("a")]
        assert probability_best(np.stack([e.resampled for e in estimates]))[2] > 0.5

    assert alone >= 0.95 * STUDIES


def test_rank_intervals_hold_the_true_ranks_of_all_entries_together() -> None:
    names = ["a", "b", "c", "d", "e"]
    fidelities = dict(zip(names, (0.75, 0.7, 0.65, 0.55, 0.4), strict=True))
    hold = informative = 0
    for study in range(STUDIES):
        scores = scores_of(np.random.default_rng(4000 + study), 80, fidelities)
        _, is_better, groups = compared(resampled(scores, seed=study), names)
        ranks = rank_intervals(is_better)
        hold += all(r.best <= true <= r.worst for true, r in enumerate(ranks, start=1))
        informative += ranks[-1].best > 1 and max(groups) > 1
        assert all(a <= b for a, b in itertools.pairwise(sorted(groups)))

    assert hold >= (0.95 - 2 * math.sqrt(0.05 * 0.95 / STUDIES)) * STUDIES
    assert informative >= 0.95 * STUDIES
