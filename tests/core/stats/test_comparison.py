"""Differences, their correction, equivalence and forecasts: against analytic truths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from gazebench.spec.board import Verdict
from gazebench.stats.bootstrap import resampled_means
from gazebench.stats.comparison import Comparison, compare
from gazebench.stats.equivalence import verdict
from gazebench.stats.estimate import Estimate
from gazebench.stats.holm import holm
from gazebench.stats.power import images_to_separate

NOTHING = np.empty(0)


def joint(*columns: np.ndarray, resamples: int = 4000) -> list[Estimate]:
    """Return jointly resampled means of columns with one row an image."""
    sums = np.stack(columns, axis=1)
    rng = np.random.default_rng(0)
    means = resampled_means(sums, np.ones_like(sums), resamples=resamples, rng=rng)
    return [means.column(index) for index in range(len(columns))]


def test_p_value_is_that_of_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=30)
    b = a + 0.3 * rng.normal(size=30) + 0.1

    found, theirs = compare(*joint(a, b, resamples=40_000)), stats.ttest_rel(a, b)

    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert found.standard_error == pytest.approx(stats.sem(a - b), rel=0.015)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=0.05)
    assert found.n_clusters == 30
    assert found.interval is not None
    assert found.interval.low < found.difference < found.interval.high


def test_common_difficulty_of_images_cancels() -> None:
    rng = np.random.default_rng(2)
    image = 10 * rng.normal(size=50)

    assert compare(*joint(image + 0.1 * rng.normal(size=50), image + 1)).p_value < 1e-10


def test_swapping_mirrors_a_comparison() -> None:
    a, b = joint(*np.random.default_rng(3).normal(size=(2, 20)))

    one, other = compare(a, b), compare(b, a)

    assert one.difference == -other.difference
    assert one.p_value == pytest.approx(other.p_value)


def test_identical_estimates_do_not_differ() -> None:
    values = np.random.default_rng(4).normal(size=20)

    found = compare(*joint(values, values))

    assert (found.difference, found.standard_error, found.p_value) == (0.0, 0.0, 1.0)


def test_order_of_additions_is_no_difference() -> None:
    a = Estimate(point=0.3, resampled=np.array([0.3, 0.3]), left_out=np.zeros(9))
    b = Estimate(point=0.1 + 0.2, resampled=np.array([0.1 + 0.2] * 2), left_out=np.zeros(9))

    assert compare(a, b).p_value == 1.0


def test_constant_difference_is_as_certain_as_so_few_images_allow() -> None:
    """Four differences of one sign have probability 1/8 under any symmetric distribution."""
    values = np.array([0.25, 0.5, 0.75, 0.5])

    found = compare(*joint(values + 0.25, values))

    assert found.standard_error == 0.0
    assert found.p_value == 0.125


def test_one_cluster_has_no_p_value() -> None:
    found = compare(*joint(np.array([0.5]), np.array([0.7])))

    assert math.isnan(found.p_value)
    assert math.isnan(found.standard_error)
    assert found.interval is None


def test_only_clusters_behind_the_scores_count() -> None:
    a, b = joint(*np.random.default_rng(5).normal(size=(2, 20)))
    first = np.arange(20) < 8

    def within(estimate: Estimate) -> Estimate:
        return Estimate(
            point=estimate.point,
            resampled=estimate.resampled,
            left_out=estimate.left_out,
            present=first,
        )

    assert compare(within(a), within(b)).n_clusters == 8


# --- Holm -------------------------------------------------------------------------------------


def stepwise(p_values: list[float], alpha: float) -> list[bool]:
    """Reject from the smallest on until one survives: the procedure as published."""
    rejected = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for step, index in enumerate(order):
        if p_values[index] > alpha / (len(order) - step):
            break
        rejected[index] = True
    return rejected


@given(
    st.lists(st.floats(0, 1), max_size=12),
    st.floats(0.001, 0.5),
)
def test_holm_rejects_what_the_stepwise_procedure_rejects(p: list[float], alpha: float) -> None:
    adjusted = holm(np.array(p, dtype=np.float64))

    # Multiplying and dividing may round apart exactly at the level
    clear = [abs(a - alpha) > 1e-9 for a in adjusted]
    expected = stepwise(p, alpha)
    assert [bool(a <= alpha) for a, c in zip(adjusted, clear, strict=True) if c] == [
        e for e, c in zip(expected, clear, strict=True) if c
    ]


@given(hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1)))
def test_holm_lies_between_raw_and_bonferroni(p: np.ndarray) -> None:
    adjusted = holm(p)

    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(len(p) * p, 1)).all()


def test_nan_is_no_test() -> None:
    with_gap = holm(np.array([0.01, np.nan, 0.03]))

    assert with_gap.tolist() == pytest.approx([0.02, np.nan, 0.03], nan_ok=True)
    assert holm(NOTHING).tolist() == []


# --- equivalence ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "spread", "expected"),
    [
        (1.0, 0.02, Verdict.YES),
        (0.95, 0.02, Verdict.YES),
        (0.92, 0.05, Verdict.UNDECIDED),
        (1.0, 0.5, Verdict.UNDECIDED),
        (0.6, 0.1, Verdict.NO),
        (1.5, 0.1, Verdict.NO),  # better than a reader is not like a reader
    ],
)
def test_verdict_goes_by_the_ninety_percent_interval(
    mean: float, spread: float, expected: Verdict
) -> None:
    drawn = stats.norm.ppf((np.arange(2000) + 0.5) / 2000, mean, spread)
    fraction = Estimate(point=mean, resampled=drawn, left_out=np.zeros(50))

    assert verdict(fraction, margin=0.1) is expected


def test_verdict_needs_two_clusters() -> None:
    single = Estimate(point=1.0, resampled=np.ones(10), left_out=np.ones(1))

    assert verdict(single, margin=0.1) is None


# --- forecast ---------------------------------------------------------------------------------


def compared(difference: float, error: float, p: float, n: int = 50) -> Comparison:
    return Comparison(
        difference=difference, interval=None, standard_error=error, p_value=p, n_clusters=n
    )


def test_forecast_is_the_smallest_sample_with_the_power() -> None:
    """The power of a t-test with the forecast number of pairs, by the noncentral t."""
    more = images_to_separate(compared(0.02, 0.01, 0.051), alpha=0.05)

    assert more is not None
    effect = 0.02 / (0.01 * math.sqrt(50))

    def power(n: int) -> float:
        critical = stats.t.ppf(0.975, n - 1)
        return float(stats.nct.sf(critical, n - 1, effect * math.sqrt(n)))

    assert power(50 + more) == pytest.approx(0.8, abs=0.01)


def test_forecast_grows_with_the_level_and_the_power() -> None:
    close = compared(0.01, 0.01, 0.32)
    at = [images_to_separate(close, alpha=alpha) or 0 for alpha in (0.05, 0.01, 0.05 / 780)]

    assert at[0] < at[1] < at[2]
    assert at[0] < (images_to_separate(close, alpha=0.05, power=0.95) or 0)


def test_what_is_significant_needs_no_more_images() -> None:
    assert images_to_separate(compared(0.03, 0.01, 0.004), alpha=0.05) == 0


@pytest.mark.parametrize(
    ("difference", "error", "p"), [(0.0, 0.0, 1.0), (0.0, 0.1, 1.0), (0.1, math.nan, math.nan)]
)
def test_no_forecast_without_a_difference(difference: float, error: float, p: float) -> None:
    assert images_to_separate(compared(difference, error, p), alpha=0.05) is None


def test_hopeless_forecast_is_none_rather_than_a_galaxy_of_images() -> None:
    assert images_to_separate(compared(1e-9, 0.1, 0.99), alpha=0.05) is None
