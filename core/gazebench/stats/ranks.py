"""What the data say about the order of entries, beyond the order of their scores."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import stdtr

from gazebench.spec.board import RankInterval
from gazebench.stats.comparison import EQUAL
from gazebench.stats.estimate import Estimate
from gazebench.stats.holm import holm

ALPHA = 0.05
MANTISSA_BITS = 52
BLOCK = 1024  # resamples at a time
SMALLEST = 1e-140  # a deviation whose square a float64 can hold


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairwise:
    """All entries compared with each other, [entry, entry] each.

    Attributes:
        differences: row minus column, so that positive means that the row is better.
        standard_errors: of the differences.
        p_values: two-sided, unadjusted; NaN on the diagonal and with fewer than two clusters.
        adjusted: the same after Holm's correction over all pairs.
    """

    differences: Float[np.ndarray, "entry entry"]
    standard_errors: Float[np.ndarray, "entry entry"]
    p_values: Float[np.ndarray, "entry entry"]
    adjusted: Float[np.ndarray, "entry entry"]

    def is_better(self, alpha: float = ALPHA) -> Bool[np.ndarray, "entry entry"]:
        """Return whether the row is significantly better than the column."""
        found: Bool[np.ndarray, "entry entry"] = (self.adjusted <= alpha) & (self.differences > 0)
        return found


def pairwise(
    estimates: Sequence[Estimate],
    *,
    higher_is_better: bool = True,
    draws: Float[np.ndarray, "entry resample"] | None = None,
) -> Pairwise:
    """Compare all pairs of jointly resampled estimates, as `comparison.compare` does each.

    `draws` are all their resamples in one array, where they are at hand.

    Standard errors come from one covariance matrix: SE^2 = C_ii + C_jj - 2 C_ij, C of the
    resampled means, over the resamples and the clusters that both have. No p-value is below
    `comparison.least_p_value`.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> def of(*draws): return Estimate(
    ...     point=np.mean(draws), resampled=np.array(draws), left_out=np.zeros(5))
    >>> found = pairwise([of(0.5, 0.75), of(0.25, 0.0), of(0.5, 0.75)])
    >>> found.differences[0].tolist(), found.standard_errors[0].round(4).tolist()
    ([0.0, 0.5, 0.0], [0.0, 0.3953, 0.0])
    >>> found.p_values[0].round(3).tolist(), found.adjusted[0].round(3).tolist()
    ([nan, 0.275, 1.0], [nan, 0.824, 1.0])
    """
    points = np.array([estimate.point for estimate in estimates])
    points = points if higher_is_better else -points
    differences = points[:, None] - points
    scale = np.maximum(abs(points)[:, None], abs(points))
    differences[abs(differences) <= EQUAL * scale] = 0.0
    clusters = _clusters_of_pairs(estimates)
    drawn = np.stack([e.resampled for e in estimates]) if draws is None else draws
    errors = _standard_errors(drawn, clusters)
    p_values = _p_values(differences, errors, clusters)
    return Pairwise(
        differences=differences,
        standard_errors=errors,
        p_values=p_values,
        adjusted=_adjusted(p_values),
    )


def rank_intervals(
    is_better: Bool[np.ndarray, "entry entry"],
) -> list[RankInterval]:
    """Return the ranks that the data leave to every entry.

    Best: 1 + how many are significantly better; worst: how many there are - how many are
    significantly worse. All intervals together hold with the family-wise level of the tests.

    >>> import numpy as np
    >>> rank_intervals(np.array([[False, False, True], [False, False, True], [False] * 3]))
    [RankInterval(best=1, worst=2), RankInterval(best=1, worst=2), RankInterval(best=3, worst=3)]

    Reference: Al Mohamad, van Zwet, Solari and Goeman, Statistics in Medicine 41 (2022).
    """
    entries = len(is_better)
    better, worse = is_better.sum(axis=0).tolist(), is_better.sum(axis=1).tolist()
    return [RankInterval(1 + b, entries - w) for b, w in zip(better, worse, strict=True)]


def tie_groups(order: Sequence[int], is_better: Bool[np.ndarray, "entry entry"]) -> list[int]:
    """Return every entry's group, 1 is best.

    Entries whose difference is not significant share a group: in the order of the scores, a group
    ends only where everything above is significantly better than everything below.

    >>> import numpy as np
    >>> points = np.array([0.5, 0.9, 0.8])
    >>> tie_groups([1, 2, 0], points[:, None] - points > 0.2)
    [2, 1, 1]
    """
    groups, group = [1] * len(order), 1
    ranked = is_better[np.ix_(order, order)]
    for place, index in enumerate(order):
        if place and ranked[:place, place:].all():
            group += 1
        groups[index] = group
    return groups


def order_of(estimates: Sequence[Estimate], *, higher_is_better: bool = True) -> list[int]:
    """Return the indices of the estimates, best first; identical ones stand side by side.

    >>> import numpy as np
    >>> from gazebench.stats.estimate import Estimate
    >>> none = np.empty(0)
    >>> three = [Estimate(point=p, resampled=none, left_out=none) for p in (1.0, 3.0, 2.0)]
    >>> order_of(three), order_of(three, higher_is_better=False)
    ([1, 2, 0], [0, 2, 1])
    """
    sign = -1.0 if higher_is_better else 1.0
    alike = Counter(estimate.point for estimate in estimates)

    def place(index: int) -> tuple[float, bytes]:
        estimate = estimates[index]
        is_alone = alike[estimate.point] == 1
        return sign * estimate.point, b"" if is_alone else estimate.resampled.tobytes()

    return sorted(range(len(estimates)), key=place)


def probability_best(
    draws: Float[np.ndarray, "entry resample"], *, higher_is_better: bool = True
) -> Float[np.ndarray, " entry"]:
    """Return the share of resamples in which every entry is the best; equals share equally.

    >>> import numpy as np
    >>> probability_best(np.array([[1.0, 2.0, 0.0, 0.0], [1.0, 1.0, 3.0, 1.0]])).tolist()
    [0.375, 0.625]
    """
    best = np.max(draws, axis=0) if higher_is_better else np.min(draws, axis=0)
    is_best = draws == best
    equals = is_best.sum(axis=0)
    share = np.divide(1.0, equals, out=np.zeros(len(best)), where=equals > 0)
    judged = int((equals > 0).sum())
    return np.array([math.fsum(share[row]) / max(judged, 1) for row in is_best])


def _clusters_of_pairs(estimates: Sequence[Estimate]) -> Float[np.ndarray, "entry entry"]:
    """Return how many clusters both entries of a pair depend on."""
    everywhere = np.ones(len(estimates[0].left_out), dtype=np.bool_)
    present = np.stack([everywhere if e.present is None else e.present for e in estimates]).astype(
        np.float64
    )
    return np.asarray(present @ present.T)


def _standard_errors(
    draws: Float[np.ndarray, "entry resample"], clusters: Float[np.ndarray, "entry entry"]
) -> Float[np.ndarray, "entry entry"]:
    """Return the errors of all pairs, each over the resamples in which both have a value."""
    finite = np.isfinite(draws)
    alike: dict[bytes, list[int]] = {}
    for index, row in enumerate(finite):
        alike.setdefault(row.tobytes(), []).append(index)
    errors = np.full(clusters.shape, np.nan)
    for members in alike.values():
        is_all = len(alike) == 1 and bool(finite[0].all())  # as mostly: no copy of all resamples
        own = draws if is_all else draws[members][:, finite[members[0]]]
        errors[np.ix_(members, members)] = _joint_errors(own)
    if len(alike) > 1:
        group = {index: key for key, members in alike.items() for index in members}
        for a, b in combinations(range(len(draws)), 2):
            if group[a] != group[b]:
                errors[a, b] = errors[b, a] = _error_of(draws[a] - draws[b])
    several = clusters > 1
    degrees = np.where(several, clusters - 1, np.nan)
    return np.asarray(errors * np.sqrt(clusters / degrees))


def _error_of(differences: Float[np.ndarray, " resample"]) -> float:
    drawn = differences[np.isfinite(differences)]
    return float(np.std(drawn, ddof=1)) if len(drawn) > 1 else math.nan


def _joint_errors(
    draws: Float[np.ndarray, "entry resample"],
) -> Float[np.ndarray, "entry entry"]:
    """Return the standard deviation of every difference, from one covariance matrix."""
    resamples = draws.shape[1]
    if resamples < 2:
        return np.full((len(draws), len(draws)), np.nan)
    mean = draws.mean(axis=1)
    quanta = _quanta(np.maximum(draws.max(axis=1) - mean, mean - draws.min(axis=1)), resamples)
    products = _counted_products(draws, mean, quanta) * np.outer(quanta, quanta)
    own = products.diagonal()
    squares = (own[:, None] + own - 2 * products) / (resamples - 1)
    # What the rounding hides is not called certain: no error is below that of the rounding.
    hidden = np.maximum(quanta[:, None], quanta) ** 2 / 12
    return np.asarray(np.sqrt(np.maximum(squares, hidden)))


def _quanta(largest: Float[np.ndarray, " entry"], resamples: int) -> Float[np.ndarray, " entry"]:
    """Return a quantum for every entry's deviations; 0 where it never moves.

    As whole numbers of quanta the products of deviations add up exactly. Then no difference of
    entries is lost by cancellation, and the number of threads has no say. With 10,000 resamples a
    quantum is 2^-19 of the entry's largest deviation; equal entries have equal quanta, and one
    entry's scale is no other's business.
    """
    bits = (MANTISSA_BITS - math.ceil(math.log2(resamples))) // 2
    moves = largest > SMALLEST
    exponent = np.ceil(np.log2(np.where(moves, largest, 1.0))) - bits
    return np.asarray(np.where(moves, np.exp2(exponent), 0.0))


def _counted_products(
    draws: Float[np.ndarray, "entry resample"],
    mean: Float[np.ndarray, " entry"],
    quanta: Float[np.ndarray, " entry"],
) -> Float[np.ndarray, "entry entry"]:
    """Return the products of deviations, in quanta; a block at a time stays in the cache."""
    products = np.zeros((len(draws), len(draws)))
    stands_still = quanta == 0
    steps = np.where(stands_still, 1.0, quanta)[:, None]
    for start in range(0, draws.shape[1], BLOCK):
        whole = draws[:, start : start + BLOCK] - mean[:, None]
        whole /= steps
        np.round(whole, out=whole)
        whole[stands_still] = 0.0
        products += whole @ whole.T
    return products


def _p_values(
    differences: Float[np.ndarray, "entry entry"],
    errors: Float[np.ndarray, "entry entry"],
    clusters: Float[np.ndarray, "entry entry"],
) -> Float[np.ndarray, "entry entry"]:
    sizes = np.full(differences.shape, math.inf)
    np.divide(abs(differences), errors, out=sizes, where=errors > 0)
    tails = np.maximum(2 * stdtr(np.maximum(clusters - 1, 1), -sizes), np.exp2(1.0 - clusters))
    tails[differences == 0] = 1.0
    p_values = np.where(np.isnan(errors), np.nan, tails)
    np.fill_diagonal(p_values, np.nan)
    return np.asarray(p_values)


def _adjusted(p_values: Float[np.ndarray, "entry entry"]) -> Float[np.ndarray, "entry entry"]:
    pairs = np.triu_indices(len(p_values), k=1)
    adjusted = np.full(p_values.shape, np.nan)
    adjusted[pairs] = holm(p_values[pairs])
    return np.asarray(np.fmax(adjusted, adjusted.T))
