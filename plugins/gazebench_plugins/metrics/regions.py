"""Maps against the regions that readers marked with ellipses or boxes.

A region is what at least half of the other readers marked. Where none was marked there is nothing
to score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.errors import PluginError
from gazebench.spec import REGIONS, Points, ScoredMap, Target

Region = NDArray[np.bool_]


@metric(
    title="Region energy",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=None,
    needs={REGIONS},
    version=1,
    reference="Wang et al., Score-CAM, CVPR Workshops (2020): the energy-based pointing game",
)
def region_energy(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Share of the map's mass that lies inside the region.

    The map is made a distribution: (S - min(S, 0)) / sum.
    """
    return np.array([_mass(scored.distribution, region) for region in marked(target)])


@metric(
    title="Region IoU",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=None,
    needs={REGIONS},
    version=1,
    reference="Saporta et al., Benchmarking saliency methods for chest X-ray interpretation, "
    "Nature Machine Intelligence 4:867-878 (2022), with a stated threshold for Otsu's",
)
def region_iou(scored: ScoredMap, target: Target, *, threshold: float = 0.5) -> NDArray[np.float64]:
    """Intersection over union of the region and the pixels S >= min + threshold (max - min).

    The map is used as it is. A constant map selects every pixel.

    Raises:
        PluginError: `threshold` is not between 0 and 1.
    """
    if not 0.0 <= threshold <= 1.0:
        raise PluginError(
            f"a threshold of {threshold:g} is not a share of the map's range",
            do="use region_iou:threshold=SHARE, from 0 to 1",
        )
    lowest, highest = float(scored.values.min()), float(scored.values.max())
    level = (1.0 - threshold) * lowest + threshold * highest
    selected = scored.values >= np.float32(level)
    return np.array([_iou(selected, region) for region in marked(target)])


@metric(
    title="Region AUC",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=0.5,
    needs={REGIONS},
    version=1,
    reference="Bergmann, Fauser, Sattlegger, Steger, MVTec AD, CVPR (2019): area under the "
    "per-pixel ROC curve",
)
def region_auc(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """P(S+ > S-) + P(S+ = S-)/2, positives the pixels inside the region, negatives those outside.

    Exact. Only the map's order counts, so no conversion; undefined where the region is the whole
    image.
    """
    regions = marked(target)
    # Readings share most of their regions: what one of them holds is looked up once for all.
    rows, columns = np.nonzero(np.logical_or.reduce(regions))
    ranks = scored.mid_ranks(Points(rows, columns))
    return np.array([_auc(ranks[region[rows, columns]], region.size) for region in regions])


def marked(target: Target) -> tuple[Region, ...]:
    """Return the region of every reading, [R] masks [H, W]."""
    found = tuple(region for region in target.regions if region is not None)
    assert len(found) == len(target.regions), "the harness gives what the metric needs"
    return found


def frame(region: Region, margin: int = 0) -> tuple[slice, slice]:
    """Return the rows and columns around a region, with a margin as far as the image goes.

    >>> frame(np.array([[False, True, False], [False, False, False]]))
    (slice(0, 1, None), slice(1, 2, None))
    """
    down, across = np.asarray(region.any(axis=1)), np.asarray(region.any(axis=0))
    return _span(down, margin), _span(across, margin)


def _span(occupied: Region, margin: int) -> slice:
    first, last = np.flatnonzero(occupied)[[0, -1]].tolist()
    return slice(max(first - margin, 0), min(last + margin + 1, len(occupied)))


def _mass(distribution: NDArray[np.floating], region: Region) -> float:
    within = frame(region)
    return min(float(np.sum(distribution[within][region[within]], dtype=np.float64)), 1.0)


def _iou(selected: Region, region: Region) -> float:
    both = np.count_nonzero(selected & region)
    return both / (np.count_nonzero(selected) + np.count_nonzero(region) - both)


def _auc(ranks: NDArray[np.float64], pixels: int) -> float:
    count = len(ranks)
    if count == pixels:
        return float("nan")
    # Mid-ranks count pairs with all pixels; those of two pixels inside make count² / 2.
    return float((pixels * ranks.sum() - count**2 / 2) / (count * (pixels - count)))
