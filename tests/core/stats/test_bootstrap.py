"""The cluster bootstrap against formulas, other implementations and its own invariances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gazebench.stats.bootstrap import resampled_means, weight_blocks
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import bca_interval, paper_interval, percentile_interval

MONTE_CARLO = 0.03  # relative error of a standard deviation from 10,000 draws: 1 / sqrt(20,000)


def means_of(values: np.ndarray, *, resamples: int = 10_000, seed: int = 0) -> Estimate:
    """Return the estimate of the mean of one row an image."""
    sums = values[:, None].astype(np.float64)
    means = resampled_means(
        sums, np.ones_like(sums), resamples=resamples, rng=np.random.default_rng(seed)
    )
    return means.column(0)


def test_every_resample_draws_as_many_images_as_there_are() -> None:
    blocks = list(weight_blocks(7, 1000, np.random.default_rng(0)))

    weights = np.concatenate(blocks)
    assert weights.shape == (1000, 7)
    assert (weights.sum(axis=1) == 7).all()


def test_weights_are_multinomial() -> None:
    weights = np.concatenate(list(weight_blocks(5, 40_000, np.random.default_rng(1))))

    # Var = n p (1 - p) = 0.8, Cov = -n p^2 = -0.2
    expected = np.full((5, 5), -0.2) + np.eye(5)
    np.testing.assert_allclose(np.cov(weights.T), expected, atol=0.02)


def test_many_images_are_drawn_in_blocks() -> None:
    blocks = list(weight_blocks(20_000, 500, np.random.default_rng(0)))

    assert len(blocks) > 1
    assert sum(len(block) for block in blocks) == 500


def test_variance_of_a_mean_is_the_plug_in_formula() -> None:
    values = np.random.default_rng(2).normal(size=60)

    estimate = means_of(values)

    expected = values.std() / np.sqrt(60)  # population SD: that of the bootstrap's world
    assert estimate.resampled.std() == pytest.approx(expected, rel=MONTE_CARLO)


def test_variance_with_clusters_is_that_of_the_cluster_means() -> None:
    rng = np.random.default_rng(3)
    image = rng.normal(size=40)
    rows = image[:, None] + 0.1 * rng.normal(size=(40, 25))  # 25 rows say hardly more than one

    means = resampled_means(
        rows.sum(axis=1, keepdims=True),
        np.full((40, 1), 25.0),
        resamples=10_000,
        rng=np.random.default_rng(0),
    )

    expected = rows.mean(axis=1).std() / np.sqrt(40)
    assert means.resampled.std() == pytest.approx(expected, rel=MONTE_CARLO)


def test_images_with_more_rows_weigh_more() -> None:
    sums, counts = np.array([[1.0], [0.0]]), np.array([[1.0], [3.0]])

    means = resampled_means(sums, counts, resamples=10, rng=np.random.default_rng(0))

    assert means.points.tolist() == [0.25]


def test_columns_are_resampled_together() -> None:
    values = np.random.default_rng(4).normal(size=(30, 1))
    both = np.concatenate([values, 2 * values + 1], axis=1)

    means = resampled_means(both, np.ones_like(both), resamples=500, rng=np.random.default_rng(0))

    np.testing.assert_allclose(means.resampled[1], 2 * means.resampled[0] + 1, atol=1e-12)


def test_left_out_values_are_means_without_each_image() -> None:
    values = np.array([1.0, 2.0, 6.0])

    assert means_of(values, resamples=1).left_out.tolist() == [4.0, 3.5, 1.5]


def test_sums_do_not_depend_on_the_order_of_additions() -> None:
    rng = np.random.default_rng(5)
    sums = rng.normal(size=(300, 8)) * 1e3
    counts = np.ones_like(sums)

    once = resampled_means(sums, counts, resamples=200, rng=np.random.default_rng(0))
    single = [
        resampled_means(
            sums[:, [k]], counts[:, [k]], resamples=200, rng=np.random.default_rng(0)
        ).resampled
        for k in range(8)
    ]

    assert np.array_equal(once.resampled, np.concatenate(single))


def test_percentiles_and_bca_agree_with_scipy() -> None:
    values = np.random.default_rng(6).exponential(size=50)  # skewed, so that BCa differs

    estimate = means_of(values, resamples=20_000)

    for method, interval in (
        ("percentile", percentile_interval(estimate)),
        ("BCa", bca_interval(estimate)),
    ):
        theirs = stats.bootstrap(
            (values,),
            np.mean,
            method=method,
            n_resamples=20_000,
            rng=np.random.default_rng(1),
            vectorized=True,
            axis=-1,
        ).confidence_interval
        assert interval is not None
        # Two Monte Carlo draws of a 2.5 % quantile, each good to about 0.02 standard errors
        close = 0.1 * values.std() / np.sqrt(50)
        assert interval.low == pytest.approx(theirs.low, abs=close)
        assert interval.high == pytest.approx(theirs.high, abs=close)


def test_bca_shifts_towards_the_long_tail() -> None:
    values = np.random.default_rng(7).exponential(size=40)
    estimate = means_of(values)

    plain, corrected = percentile_interval(estimate), bca_interval(estimate)

    assert plain is not None
    assert corrected is not None
    assert corrected.low > plain.low
    assert corrected.high > plain.high


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for trial in range(200):
        interval = percentile_interval(means_of(rng.normal(size=40), resamples=400, seed=trial))
        assert interval is not None
        covered += interval.low <= 0 <= interval.high

    assert 178 <= covered <= 198  # 95 % less a little at 40 images; 3.5 binomial SD


def test_identical_images_have_an_interval_of_no_width() -> None:
    estimate = means_of(np.full(10, 0.25))

    for make in (percentile_interval, bca_interval):
        interval = make(estimate)
        assert interval is not None
        assert (interval.low, interval.high) == (0.25, 0.25)


def test_one_image_has_no_interval() -> None:
    estimate = means_of(np.array([0.5]))

    assert percentile_interval(estimate) is None
    assert bca_interval(estimate) is None
    assert paper_interval(np.array([0.4, 0.6]), images=1) is None


def test_column_without_rows_is_nan_not_zero() -> None:
    means = resampled_means(
        np.zeros((3, 1)), np.zeros((3, 1)), resamples=5, rng=np.random.default_rng(0)
    )

    assert np.isnan(means.points).all()
    assert percentile_interval(means.column(0)) is None


def test_paper_interval_takes_sd_over_rows_and_root_over_images() -> None:
    rows = np.random.default_rng(9).normal(size=100)

    interval = paper_interval(rows, images=20)

    assert interval is not None
    half = 1.96 * np.sqrt(np.sum((rows - rows.mean()) ** 2) / 99) / np.sqrt(20)
    assert interval.low == pytest.approx(rows.mean() - half, abs=1e-12)
    assert interval.high == pytest.approx(rows.mean() + half, abs=1e-12)
