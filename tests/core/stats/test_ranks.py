"""Ranks from pairwise comparisons: intervals, groups, probabilities."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.stats.bootstrap import resampled_means
from gazebench.stats.comparison import compare
from gazebench.stats.estimate import Estimate
from gazebench.stats.ranks import (
    order_of,
    pairwise,
    probability_best,
    rank_intervals,
    tie_groups,
)


def joint(columns: np.ndarray, resamples: int = 1000) -> list[Estimate]:
    """Return jointly resampled means, columns [entry, image]."""
    sums = columns.T.copy()
    rng = np.random.default_rng(0)
    means = resampled_means(sums, np.ones_like(sums), resamples=resamples, rng=rng)
    return [means.column(index) for index in range(len(columns))]


def scattered(shifts: list[float], images: int = 40, seed: int = 0) -> list[Estimate]:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=images)
    return joint(common + 0.3 * rng.normal(size=(len(shifts), images)) + np.array(shifts)[:, None])


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_every_pair_is_compared_as_two_entries_are(higher_is_better: bool) -> None:
    entries = scattered([0, 0.1, 0.2, 1.0])

    found = pairwise(entries, higher_is_better=higher_is_better)

    sign = 1 if higher_is_better else -1
    for i, a in enumerate(entries):
        for j, b in enumerate(entries):
            if i != j:
                pair = compare(a, b)
                assert found.differences[i, j] == pytest.approx(sign * pair.difference)
                assert found.standard_errors[i, j] == pytest.approx(pair.standard_error, rel=1e-4)
                assert found.p_values[i, j] == pytest.approx(pair.p_value, rel=1e-3)


def test_planted_better_entry_separates() -> None:
    found = pairwise(scattered([0, 0, 1.0, 0]))

    better = found.is_better()

    assert better[2].tolist() == [True, True, False, True]
    assert rank_intervals(better)[2] == (1, 1)
    assert tie_groups(order_of(scattered([0, 0, 1.0, 0])), better)[2] == 1


@given(st.lists(st.integers(0, 3), min_size=3, max_size=6), st.integers(0, 50))
def test_identical_entries_share_everything(kinds: list[int], seed: int) -> None:
    few = np.random.default_rng(seed).normal(size=(4, 12)) + np.arange(4)[:, None]
    few[1] = np.roll(few[0], 1)  # another entry with the same mean
    entries = joint(few[kinds], resamples=200)

    found = pairwise(entries)
    better = found.is_better()
    groups, intervals = tie_groups(order_of(entries), better), rank_intervals(better)

    for i, a in enumerate(kinds):
        for j, b in enumerate(kinds):
            if a == b:
                assert i == j or found.p_values[i, j] == 1.0
                assert (groups[i], intervals[i]) == (groups[j], intervals[j])


@given(st.integers(2, 7), st.integers(0, 100))
def test_order_is_inside_the_rank_intervals_and_groups_follow_it(entries: int, seed: int) -> None:
    shifts = np.random.default_rng(seed).random(entries).tolist()
    estimates = scattered(shifts, seed=seed)

    better = pairwise(estimates).is_better()
    order = order_of(estimates)
    groups, intervals = tie_groups(order, better), rank_intervals(better)

    for place, index in enumerate(order, start=1):
        assert intervals[index].best <= place <= intervals[index].worst
    in_order = [groups[index] for index in order]
    assert in_order[0] == 1
    assert all(after - before in (0, 1) for before, after in itertools.pairwise(in_order))


def test_difference_hidden_by_the_rounding_is_not_significant() -> None:
    values = np.random.default_rng(1).normal(size=30)

    assert not pairwise(joint(np.stack([values, values + 1e-8]))).is_better().any()
    assert pairwise(joint(np.stack([values + 1e-2, values]))).is_better()[0, 1]


def test_one_cluster_proves_nothing() -> None:
    estimates = joint(np.array([[0.1], [0.9]]))

    better = pairwise(estimates).is_better()

    assert rank_intervals(better) == [(1, 2), (1, 2)]
    assert tie_groups(order_of(estimates), better) == [1, 1]


def test_single_entry_is_first() -> None:
    (only,) = estimates = scattered([0.5])

    better = pairwise([only]).is_better()

    assert rank_intervals(better) == [(1, 1)]
    assert tie_groups(order_of(estimates), better) == [1]
    assert probability_best(only.resampled[None]).tolist() == [1.0]


def test_resamples_without_a_value_are_left_out() -> None:
    a, b = scattered([0.0, 0.4])
    gaps = np.arange(len(a.resampled)) % 3 == 0
    gappy = Estimate(
        point=a.point, resampled=np.where(gaps, np.nan, a.resampled), left_out=a.left_out
    )

    found = pairwise([gappy, b])

    assert found.standard_errors[0, 1] == pytest.approx(compare(gappy, b).standard_error, rel=1e-4)
    draws = np.stack([np.where(gaps, np.nan, e.resampled) for e in (a, b)])
    assert probability_best(draws).sum() == pytest.approx(1.0)


@given(st.integers(1, 6), st.integers(0, 100), st.booleans())
def test_probabilities_of_being_best_sum_to_one(entries: int, seed: int, higher: bool) -> None:
    draws = np.random.default_rng(seed).integers(0, 3, size=(entries, 50)).astype(np.float64)

    found = probability_best(draws, higher_is_better=higher)

    assert found.sum() == pytest.approx(1.0)
    assert (found >= 0).all()


def test_probability_of_being_best_is_that_of_two_normal_means() -> None:
    rng = np.random.default_rng(2)
    draws = np.stack([rng.normal(0.0, 1.0, 100_000), rng.normal(1.0, 1.0, 100_000)])

    # P(N(1, 2) > 0) = Phi(1 / sqrt 2)
    assert probability_best(draws)[1] == pytest.approx(0.7602, abs=0.006)
    assert probability_best(draws, higher_is_better=False)[0] == pytest.approx(0.7602, abs=0.006)


@pytest.mark.parametrize("images", [2, 3, 4])
def test_a_few_equal_differences_separate_nothing(images: int) -> None:
    """Whether an entry hits or misses everywhere on so few images is a matter of chance."""
    better = pairwise(joint(np.array([[1.0] * images, [0.0] * images]))).is_better()

    assert not better.any()


def test_an_entry_of_another_scale_is_no_business_of_the_others() -> None:
    values = np.random.default_rng(3).normal(size=30)
    three = np.stack([values, values + 0.01 + 0.001 * values, values - 0.02])

    alone = pairwise(joint(three))
    beside = pairwise(joint(np.concatenate([three, 1e7 * values[None]])))

    np.testing.assert_allclose(beside.p_values[:3, :3], alone.p_values, rtol=1e-3, equal_nan=True)


def test_entries_on_other_images_change_no_other_pair_and_prove_nothing() -> None:
    """Some entries have one image each, and most resamples have none of it."""
    values = np.random.default_rng(4).normal(size=(2, 20))
    full = joint(values, resamples=2000)
    weights = np.random.default_rng(5).integers(0, 3, size=(2000, 4))
    few = [
        Estimate(
            point=float(n),
            resampled=np.where(weights[:, n] > 0, float(n), np.nan),
            left_out=full[0].left_out,
            present=np.arange(20) == n,
        )
        for n in range(4)
    ]

    found = pairwise([*full, *few])

    assert found.p_values[0, 1] == pytest.approx(pairwise(full).p_values[0, 1], rel=1e-6)
    assert np.isnan(found.p_values[2:, 2:]).all()
    assert not found.is_better()[:, 2:].any()
