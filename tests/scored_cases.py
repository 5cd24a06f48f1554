"""Made-up cases with everything that a metric may ask for, and awkward maps to score on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gazebench.scoring.evaluate import evaluate
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.descriptors import Metric
from gazebench.spec.values import Points, Size
from plain_scoring import PlainMap, PlainTarget

SIZE = Size(14, 19)


def make_target(size: Size = SIZE, readings: int = 3, seed: int = 0) -> Target:
    """Return a target with densities (zeros among them), fixations, regions and a centre bias."""
    rng = np.random.default_rng(seed)
    references = rng.gamma(0.3, size=(readings, *size))
    references[..., 0] = 0.0
    bias = rng.random(size)
    return Target(
        size=size,
        references=references / references.sum(axis=(1, 2), keepdims=True),
        centre_bias=bias / bias.sum(),
        fixations=tuple(some_points(rng, size, int(rng.integers(1, 9))) for _ in range(readings)),
        other_fixations=some_points(rng, size, 40),
        regions=tuple(some_region(rng, size) for _ in range(readings)),
    )


def some_points(rng: np.random.Generator, size: Size, count: int) -> Points:
    """Draw pixels, some of them more than once."""
    rows, columns = rng.integers(size.height, size=count), rng.integers(size.width, size=count)
    doubled = slice(0, count // 2)
    return Points(np.append(rows, rows[doubled]), np.append(columns, columns[doubled]))


def some_region(rng: np.random.Generator, size: Size) -> NDArray[np.bool_]:
    """Draw a rectangle of about a quarter of the image, and one more pixel."""
    height, width = size
    top, left = int(rng.integers(height // 2 + 1)), int(rng.integers(width // 2 + 1))
    region = np.zeros(size, np.bool_)
    region[top : top + height // 2 + 1, left : left + width // 2] = True
    region[-1, -1] = True
    return region


def some_maps(size: Size = SIZE) -> dict[str, NDArray[np.float32]]:
    """Return maps by what is awkward about them."""
    rng = np.random.default_rng(7)
    smooth, half = rng.random(size), rng.standard_normal(size)
    half[: size.height // 2] = 0.25
    heavy, spike = rng.standard_cauchy(size), np.zeros(size)
    spike[-1, -1] = 1.0
    kinds = {
        "random": smooth,
        "negative": -1.0 - smooth,
        "signed": rng.standard_normal(size),
        "tied": rng.integers(0, 4, size),
        "constant region": half,
        "heavy-tailed": np.abs(heavy),
        "binary": rng.integers(0, 2, size),
        "spike": spike,
        "constant": np.full(size, 3.7),
        "zero": np.zeros(size),
    }
    return {name: np.asarray(values, np.float32) for name, values in kinds.items()}


def score(metric: Metric, values: NDArray[np.generic], target: Target, **parameters: object):
    """Score a map as a run does; NaN where the metric has no value."""
    found = evaluate(metric, parameters, ScoredMap(values, target), target)
    return np.array([np.nan if one.value is None else one.value for one in found])


def plain_score(metric: Metric, values: NDArray[np.generic], target: Target, **parameters: object):
    """Score a map by the plain protocols."""
    return metric.function(PlainMap(values), plain(target), **parameters)


def plain(target: Target) -> PlainTarget:
    """Return the same target without anything shared or remembered."""
    return PlainTarget(
        size=target.size,
        references=np.asarray(target.references, np.float64),
        centre_bias=target.centre_bias,
        fixations=target.fixations,
        other_fixations=target.other_fixations,
        regions=target.regions,
    )


def permuted(target: Target, order: list[int]) -> Target:
    """Return a target whose readings stand in another order."""
    return replace(
        target,
        references=target.references[order],
        fixations=tuple(target.fixations[index] for index in order),
        regions=tuple(target.regions[index] for index in order),
    )
