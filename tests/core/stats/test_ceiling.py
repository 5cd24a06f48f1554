"""The fraction of ceiling: its value, its interval, and when it means nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.spec.board import Interval
from gazebench.stats.bootstrap import resampled_means
from gazebench.stats.ceiling import fraction_of_ceiling, why_no_fraction
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import percentile_interval


def joint(*columns: np.ndarray) -> list[Estimate]:
    """Return jointly resampled means of columns with one row an image."""
    sums = np.stack(columns, axis=1)
    means = resampled_means(sums, np.ones_like(sums), resamples=4000, rng=np.random.default_rng(0))
    return [means.column(index) for index in range(len(columns))]


@pytest.mark.parametrize(
    ("score", "ceiling", "chance", "expected"),
    [(0.75, 0.75, 0.5, 1.0), (0.5, 0.75, 0.5, 0.0), (1.0, 0.75, 0.5, 2.0), (0.25, 0.75, 0.5, -1.0)],
)
def test_is_never_clipped(score: float, ceiling: float, chance: float, expected: float) -> None:
    nothing = np.empty(0)
    fraction = fraction_of_ceiling(
        Estimate(point=score, resampled=nothing, left_out=nothing),
        Estimate(point=ceiling, resampled=nothing, left_out=nothing),
        chance=chance,
    )

    assert fraction.point == expected


@given(st.floats(0.1, 2.0), st.integers(0, 1000))
def test_proportional_scores_have_a_fraction_without_spread(share: float, seed: int) -> None:
    ceiling = 0.3 + 0.1 * np.random.default_rng(seed).random(20)

    fraction = fraction_of_ceiling(*joint(share * ceiling, ceiling), chance=0.0)
    interval = percentile_interval(fraction)

    assert interval is not None
    assert interval.low == pytest.approx(share, abs=1e-9)
    assert interval.high == pytest.approx(share, abs=1e-9)


def test_interval_of_ratio_agrees_with_fieller() -> None:
    """An independent formula for the interval of a ratio of two correlated means."""
    rng = np.random.default_rng(1)
    common = rng.normal(size=80)
    above = 0.2 + 0.05 * common + 0.05 * rng.normal(size=80)
    below = 0.4 + 0.05 * common + 0.05 * rng.normal(size=80)

    interval = percentile_interval(fraction_of_ceiling(*joint(above, below), chance=0.0))

    covariance = np.cov(above, below) / 80
    a, b = above.mean(), below.mean()
    q = 1.96**2
    quadratic = [
        b**2 - q * covariance[1, 1],
        -2 * (a * b - q * covariance[0, 1]),
        a**2 - q * covariance[0, 0],
    ]
    high, low = np.roots(quadratic)
    assert interval is not None
    assert interval.low == pytest.approx(low, abs=0.1 * (high - low))
    assert interval.high == pytest.approx(high, abs=0.1 * (high - low))


@pytest.mark.parametrize(
    ("low", "high", "chance", "higher_is_better", "says"),
    [
        (0.6, 0.7, 0.5, True, None),
        (0.1, 0.2, 0.5, False, None),
        (0.4, 0.6, 0.5, True, "includes chance"),
        (0.5, 0.6, 0.5, True, "includes chance"),
        (-0.1, -0.02, 0.0, True, "worse than chance"),
        (0.6, 0.7, 0.5, False, "worse than chance"),
    ],
)
def test_ceiling_must_be_better_than_chance(
    low: float, high: float, chance: float, higher_is_better: bool, says: str | None
) -> None:
    why = why_no_fraction(
        Interval(low=low, high=high), chance=chance, higher_is_better=higher_is_better
    )

    assert (why is None) if says is None else (why is not None and says in why)


def test_ceiling_without_interval_gives_no_fraction() -> None:
    assert why_no_fraction(None, chance=0.5, higher_is_better=True) is not None
