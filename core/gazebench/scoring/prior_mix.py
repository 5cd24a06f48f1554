"""What blur and a share of the centre bias would do for a saliency map.

A map that only knows where readers look anyway gains from both, and ends no better than the centre
bias; a map that remembers one reader is far more like that reading than like the others. All is
measured on cells, a grid of block means, where blurs are cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter

CELLS = 64  # along the longer side of an image
BLURS = (0.0, 1.0, 2.0, 4.0, 8.0)  # standard deviations of the Gaussian, in cells
SHARES = tuple(np.linspace(0.0, 1.0, 11).tolist())  # of the centre bias in the mixture
FEWEST_READINGS = 3  # below it, the one most alike and the others are the same choice

Cells = Float[np.ndarray, "height width"]


def cells_of(height: int, width: int) -> tuple[int, int]:
    """Return the grid for an image: `CELLS` along the longer side, no more than pixels.

    >>> cells_of(2544, 3056), cells_of(8, 4)
    ((53, 64), (8, 4))
    """
    longer = max(height, width)
    scale = min(CELLS, longer) / longer
    return max(round(height * scale), 1), max(round(width * scale), 1)


class MixTerms(NamedTuple):
    """One map on one case, as far as mixtures with the centre bias need it.

    Attributes:
        with_references: NCC of the map at every blur, mean over the readings' references.
        with_bias: NCC with the centre bias, at every blur.
        bias_with_references: NCC of the centre bias, mean over the references.
        is_map: whether there is a map: one that failed or is constant is a share of nothing.
        closest_excess: NCC with the reading most alike minus the mean with the others; None with
            fewer than `FEWEST_READINGS` readings.
    """

    with_references: tuple[float, ...]
    with_bias: tuple[float, ...]
    bias_with_references: float
    is_map: tuple[bool, ...]
    closest_excess: float | None


class Prior:
    """What one case's maps are held against, on cells: references, readings and centre bias."""

    def __init__(
        self,
        references: Sequence[Cells],
        densities: Sequence[Cells],
        bias: Cells,
    ) -> None:
        self._references = [_unit(one) for one in references]
        self._densities = [_unit(one) for one in densities]
        self._bias = _unit(bias)
        self._bias_with_references = _mean_product(self._bias, self._references)

    def terms(self, cells: Cells | None) -> MixTerms:
        """Return the terms of a map; None stands for one that failed."""
        blank = np.zeros_like(self._bias)
        blurred = [blank if cells is None else _unit(_blurred(cells, blur)) for blur in BLURS]
        return MixTerms(
            with_references=tuple(_mean_product(one, self._references) for one in blurred),
            with_bias=tuple(_product(one, self._bias) for one in blurred),
            bias_with_references=self._bias_with_references,
            is_map=tuple(bool(one.any()) for one in blurred),
            closest_excess=_closest_excess(blurred[0], self._densities),
        )

    def of_readers(self) -> float | None:
        """Return the mean closest excess of the readers themselves, each against the others."""
        found = []
        for index, own in enumerate(self._densities):
            others = [one for place, one in enumerate(self._densities) if place != index]
            found.append(_closest_excess(own, others))
        known = [one for one in found if one is not None]
        return float(np.mean(known)) if known else None


def mixture_scores(terms: MixTerms) -> Float[np.ndarray, "blur share"]:
    """Return the NCC of every mixture (1 - s) map + s bias, both of mean 0 and deviation 1.

    With a, b the NCC of map and bias with a reference and c theirs with each other:
    ((1 - s) a + s b) / sqrt((1 - s)^2 + 2 s (1 - s) c + s^2). Nothing at all has NCC 0.

    >>> one = MixTerms((0.5,), (0.0,), 0.5, (True,), None)
    >>> mixture_scores(one)[0, [0, 5, 10]].round(4).tolist()
    [0.5, 0.7071, 0.5]
    """
    share = np.array(SHARES)
    own = np.array(terms.is_map, dtype=np.float64)[:, None] * (1.0 - share)
    a, c = np.array(terms.with_references)[:, None], np.array(terms.with_bias)[:, None]
    above = own * a + share * terms.bias_with_references
    squares = np.maximum(own**2 + 2.0 * share * own * c + share**2, 0.0)
    nothing = squares < 1e-12
    return np.asarray(np.where(nothing, 0.0, above / np.sqrt(np.where(nothing, 1.0, squares))))


@dataclass(frozen=True, slots=True, kw_only=True)
class MixGains:
    """What blur and centre bias do for an entry, in NCC on cells, means over maps.

    Attributes:
        over_bias: the maps' NCC minus the centre bias's.
        from_mixing: what the best blur and share add, both chosen on the other clusters.
        beyond_bias: that mixture's NCC minus the centre bias's: what the maps know beyond it.
        closest_excess: see `MixTerms`; None where no image has enough readings.
    """

    over_bias: float
    from_mixing: float
    beyond_bias: float
    closest_excess: float | None


def mix_gains(terms: Sequence[MixTerms], clusters: Sequence[str]) -> MixGains:
    """Return an entry's gains; maps with the same cluster are left out together.

    With a single cluster nothing can be chosen on others: the map stays as it is.
    """
    scores = np.stack([mixture_scores(one) for one in terms]).reshape(len(terms), -1)
    chosen = scores[np.arange(len(terms)), _best_elsewhere(scores, clusters)]
    raw = scores[:, 0]  # no blur, no share
    bias = np.array([one.bias_with_references for one in terms])
    excess = [one.closest_excess for one in terms if one.closest_excess is not None]
    return MixGains(
        over_bias=float(np.mean(raw - bias)),
        from_mixing=float(np.mean(chosen - raw)),
        beyond_bias=float(np.mean(chosen - bias)),
        closest_excess=float(np.mean(excess)) if excess else None,
    )


def _best_elsewhere(scores: Float[np.ndarray, "map mixture"], clusters: Sequence[str]) -> list[int]:
    """Return the best mixture for every map, judged by the maps of all other clusters."""
    total = scores.sum(axis=0)
    of_cluster = {
        cluster: scores[[place for place, one in enumerate(clusters) if one == cluster]].sum(axis=0)
        for cluster in dict.fromkeys(clusters)
    }
    if len(of_cluster) < 2:
        return [0] * len(scores)
    best = {cluster: int(np.argmax(total - own)) for cluster, own in of_cluster.items()}
    return [best[cluster] for cluster in clusters]


def _closest_excess(
    unit: Float[np.ndarray, " cell"], densities: Sequence[Float[np.ndarray, " cell"]]
) -> float | None:
    if len(densities) < FEWEST_READINGS:
        return None
    found = np.array([_product(unit, one) for one in densities])
    closest = found.max()
    return float(closest - (found.sum() - closest) / (len(found) - 1))


def _blurred(cells: Cells, blur: float) -> Cells:
    wide = cells.astype(np.float64)
    if not blur:
        return wide
    smooth: Cells = gaussian_filter(wide, blur, mode="nearest")
    return smooth


def _unit(cells: Cells) -> Float[np.ndarray, " cell"]:
    """Return the cells with mean 0 and length 1; zeros where they are constant."""
    flat = cells.ravel().astype(np.float64)
    largest = np.abs(flat).max(initial=0.0)
    if largest > 0:
        flat = flat / largest
    centred = flat - flat.mean()
    length = float(np.sqrt(np.sum(centred**2)))
    return centred / length if length > 1e-9 else np.zeros_like(centred)


def _product(a: Float[np.ndarray, " cell"], b: Float[np.ndarray, " cell"]) -> float:
    return float(np.sum(a * b)) if a.any() else 0.0


def _mean_product(
    a: Float[np.ndarray, " cell"], others: Sequence[Float[np.ndarray, " cell"]]
) -> float:
    return float(np.mean([_product(a, one) for one in others])) if others else 0.0
