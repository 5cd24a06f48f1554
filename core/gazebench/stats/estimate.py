"""An estimate with what intervals are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """A statistic over images, its resamples, and its values with one cluster left out.

    A cluster is what is drawn together: an image, or all images of a patient. Resample b of every
    estimate of one board draws the same clusters, so estimates may be combined (differences,
    ratios) resample by resample, whatever entry, metric or subset they belong to.

    Attributes:
        point: the statistic itself.
        resampled: the statistic of every bootstrap resample, NaN where a resample has none.
        left_out: the statistic without cluster i, NaN where nothing is left.
        present: whether the statistic depends on cluster i; None where it does on all.
    """

    point: float
    resampled: Float[np.ndarray, " resample"]
    left_out: Float[np.ndarray, " cluster"]
    present: Bool[np.ndarray, " cluster"] | None = None

    @property
    def n_clusters(self) -> int:
        """How many clusters the statistic depends on."""
        return len(self.left_out) if self.present is None else int(self.present.sum())


def present_in_either(a: Estimate, b: Estimate) -> Bool[np.ndarray, " cluster"] | None:
    """Return the clusters that a combination of two estimates depends on.

    >>> import numpy as np
    >>> def of(*present): return Estimate(
    ...     point=0.5, resampled=np.empty(0), left_out=np.zeros(2), present=np.array(present))
    >>> present_in_either(of(True, False), of(False, False)).tolist()
    [True, False]
    """
    if a.present is None or b.present is None:
        return None
    either: Bool[np.ndarray, " cluster"] = a.present | b.present
    return either
