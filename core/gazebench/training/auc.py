"""How well a classifier orders images, label by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class LabelAuc(NamedTuple):
    """One label's AUC; None where the label has no positives or no negatives."""

    label: str
    positives: int
    negatives: int
    auc: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AucTable:
    """The AUC of every label, in the order of the logits."""

    labels: tuple[LabelAuc, ...]

    @property
    def mean(self) -> float | None:
        """The mean over the labels that have an AUC; None where none has."""
        defined = [row.auc for row in self.labels if row.auc is not None]
        return float(np.mean(defined)) if defined else None

    @property
    def undefined(self) -> tuple[str, ...]:
        """The labels left out of the mean."""
        return tuple(row.label for row in self.labels if row.auc is None)

    def as_json(self) -> dict[str, float | None]:
        """Return label -> AUC, None where undefined."""
        return {row.label: row.auc for row in self.labels}


def auc_table(
    class_names: Sequence[str], truth: NDArray[np.floating], scores: NDArray[np.floating]
) -> AucTable:
    """Return every label's AUC from labels (0 or 1) and scores, both [images, labels]."""
    rows = []
    for column, name in enumerate(class_names):
        positive = truth[:, column] > 0
        rows.append(
            LabelAuc(
                label=name,
                positives=int(positive.sum()),
                negatives=int((~positive).sum()),
                auc=auc(positive, scores[:, column]),
            )
        )
    return AucTable(labels=tuple(rows))


def auc(positive: NDArray[np.bool_], scores: NDArray[np.floating]) -> float | None:
    """Return P(S+ > S-) + P(S+ = S-) / 2, from the sum of the positives' mid-ranks.

    AUC = (R - n(n + 1) / 2) / (n m), R the rank sum of the n positives, m the negatives.
    None where n or m is 0.

    >>> auc(np.array([True, False, False]), np.array([0.5, 0.5, 0.1]))
    0.75

    Reference: Hanley and McNeil, Radiology 143:29, 1982.
    """
    n = int(positive.sum())
    m = len(positive) - n
    if n == 0 or m == 0:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = mid_ranks[place][positive].sum(dtype=np.float64)
    return float((rank_sum - n * (n + 1) / 2) / (n * m))
