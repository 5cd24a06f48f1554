"""The inter-observer ceiling that simulated readers must show, from a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.spec import Size
from gazebench_plugins.datasets.phantom.readers import Mixture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedReading:
    """What decides the statistics of a reading's density.

    `shares` is each fixation's part of the looking time, [F], summing to 1.
    """

    attention: Mixture
    shares: NDArray[np.float64]


def expected_ncc(
    readings: Sequence[SimulatedReading], size: Size, *, blur: float
) -> NDArray[np.float64]:
    """Return the expected NCC of every reading's density with the mean of the others', [R].

    With d_r = sum_i w_i g_i, fixations independent given the attention and g the blurred point,
    E<d_r, d_s> = <m_r, m_s> and E|d_r|^2 = |m_r|^2 + sum_i w_i^2 (E|g|^2 - |m_r|^2), m_r the
    blurred attention and |g|^2 = 1 / (4 pi s_x s_y) in pixels. The ceiling is the ratio of these
    expectations, centred by 1/N for densities that sum to 1 over N pixels; mass beyond the image
    and the variance of the ratio are neglected.
    """
    means = np.stack([r.attention.density(size, blur=blur).ravel() for r in readings])
    point = 1 / (4 * np.pi * (blur * size.height) ** 2)
    extra = np.array(
        [
            np.sum(r.shares**2) * (point - mean @ mean)
            for r, mean in zip(readings, means, strict=True)
        ]
    )
    expected = np.empty(len(readings))
    level = 1 / means.shape[1]
    for index, mean in enumerate(means):
        others = np.arange(len(means)) != index
        reference = means[others].mean(axis=0)
        reference_square = reference @ reference + extra[others].sum() / others.sum() ** 2
        product = mean @ reference - level
        squares = (mean @ mean + extra[index] - level) * (reference_square - level)
        expected[index] = product / np.sqrt(squares)
    return expected
