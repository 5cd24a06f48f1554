"""Every entry of a board against every other."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gazebench.publish.standings import SignificanceMatrix
from gazebench.spec.board import MetricColumn
from gazebench.stats.estimate import Estimate
from gazebench.stats.ranks import order_of, pairwise


def significance_matrix(metric: MetricColumn, scores: Mapping[str, Estimate]) -> SignificanceMatrix:
    """Compare all ranked entries on a metric, best first."""
    names, estimates = list(scores), list(scores.values())
    if not names:
        return SignificanceMatrix(metric=metric.name, entries=(), differences=(), adjusted=())
    order = order_of(estimates, higher_is_better=metric.higher_is_better)
    found = pairwise(
        [estimates[index] for index in order], higher_is_better=metric.higher_is_better
    )
    return SignificanceMatrix(
        metric=metric.name,
        entries=tuple(names[index] for index in order),
        differences=tuple(map(tuple, found.differences.tolist())),
        adjusted=tuple(
            tuple(None if math.isnan(p) else p for p in row) for row in found.adjusted.tolist()
        ),
    )
