"""Joint resamples of every mean of a board: all entries and metrics, the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.scored import Scored
from gazebench.stats.bootstrap import resampled_means
from gazebench.stats.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageTotals:
    """Sum and number of one entry's rows on one metric, per image, [images] each."""

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]


def image_totals(
    scored: Scored, units: NDArray[np.bool_], case_of_unit: NDArray[np.intp], images: int
) -> ImageTotals:
    """Add up the rows of the chosen units by image."""
    counted = np.isfinite(scored.values) & units[:, None]
    values = np.where(counted, scored.values, 0.0).sum(axis=1)

    def by_image(amounts: NDArray[Any]) -> NDArray[np.float64]:
        added = np.bincount(case_of_unit, weights=amounts, minlength=images)
        return added.astype(np.float64, copy=False)

    return ImageTotals(sums=by_image(values), counts=by_image(counted.sum(axis=1)))


def joint_estimates(
    totals: Mapping[tuple[str, ...], ImageTotals],
    images: NDArray[np.bool_],
    *,
    resamples: int,
    seed: int,
) -> dict[tuple[str, ...], Estimate]:
    """Return the mean over rows behind every key, jointly resampled over the chosen images."""
    if not totals:
        return {}
    means = resampled_means(
        _stacked([t.sums for t in totals.values()], images),
        _stacked([t.counts for t in totals.values()], images),
        resamples=resamples,
        rng=np.random.default_rng(seed),
    )
    return {key: means.column(index) for index, key in enumerate(totals)}


def _stacked(
    columns: Sequence[NDArray[np.float64]], images: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return np.stack([column[images] for column in columns], axis=1)
