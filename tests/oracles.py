"""Slow formulas written straight from the protocol, to compare the fast ones with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gazebench.spec.values import Box, Case, Fixations, Size

Array = NDArray[np.float64]


def heatmap(fixations: Fixations, size: Size) -> Array:
    """Section 1: every pixel's bivariate normal density by scipy, cut to the shown rectangle."""
    from scipy.stats import multivariate_normal

    row, column = np.mgrid[: size.height, : size.width]
    total = np.zeros(size)
    for i in range(len(fixations)):
        normal = multivariate_normal(
            [fixations.y[i], fixations.x[i]],
            [[fixations.sigma_y[i] ** 2, 0.0], [0.0, fixations.sigma_x[i] ** 2]],
        )
        values = np.reshape(normal.pdf(np.dstack([row, column])), size)
        xmin, ymin, xmax, ymax = fixations.shown[i]
        is_shown = (xmin <= column) & (column < xmax) & (ymin <= row) & (row < ymax)
        total += (fixations.end_s[i] - fixations.start_s[i]) * np.where(is_shown, values, 0.0)
    return total


def auc(values: Array, positives: Array, negatives: Array) -> float:
    """Section 4: P(S+ > S-) + P(S+ = S-)/2 over every pair of pixels."""
    s, p, q = values.ravel(), positives.ravel(), negatives.ravel()
    wins = (s[:, None] > s[None, :]) + 0.5 * (s[:, None] == s[None, :])
    return float(p @ wins @ q / (p.sum() * q.sum()))


def ncc(a: Array, b: Array) -> float:
    """Section 4: mean((a - mean a)(b - mean b)) / (std a * std b), population deviations."""
    return float(np.mean((a - a.mean()) * (b - b.mean())) / (a.std() * b.std()))


def interpolate(array: Array, height: int, width: int) -> Array:
    """Half-pixel bilinear interpolation with repeated edges, one pixel at a time."""
    out = np.empty((height, width))
    for row in range(height):
        for column in range(width):
            y = (row + 0.5) * array.shape[0] / height - 0.5
            x = (column + 0.5) * array.shape[1] / width - 0.5
            out[row, column] = _at(array, y, x)
    return out


def _at(array: Array, y: float, x: float) -> float:
    y = min(max(y, 0.0), array.shape[0] - 1.0)
    x = min(max(x, 0.0), array.shape[1] - 1.0)
    top, left = math.floor(y), math.floor(x)
    bottom, right = min(top + 1, array.shape[0] - 1), min(left + 1, array.shape[1] - 1)
    down, across = y - top, x - left
    upper = (1 - across) * array[top, left] + across * array[top, right]
    lower = (1 - across) * array[bottom, left] + across * array[bottom, right]
    return float((1 - down) * upper + down * lower)


def chest_box(case: Case) -> Box:
    """Section 3: the mean box over the readings, within the image; without one, the image."""
    boxes = [reading.chest_box for reading in case.readings if reading.chest_box is not None]
    if not boxes:
        return Box(0, 0, case.size.width, case.size.height)
    x0, y0, x1, y1 = (float(value) for value in np.mean(boxes, axis=0))
    return Box(max(x0, 0.0), max(y0, 0.0), min(x1, case.size.width), min(y1, case.size.height))


def centre_bias(
    cases: Sequence[Case], densities: Mapping[str, Array], case: Case, *, without: str | None
) -> Array:
    """Section 3 from scratch, with the densities of every case but `without`.

    The registration is that of all cases; NaN-free: pixels never covered count as 0.
    """
    boxes = {c.id: chest_box(c) for c in cases}
    aw = float(np.mean([box.width for box in boxes.values()]))
    ah = float(np.mean([box.height for box in boxes.values()]))
    mx = {c.id: aw / boxes[c.id].width for c in cases}
    my = {c.id: ah / boxes[c.id].height for c in cases}
    left = max(boxes[c.id].xmin * mx[c.id] for c in cases)
    top = max(boxes[c.id].ymin * my[c.id] for c in cases)
    right = max((c.size.width - boxes[c.id].xmax) * mx[c.id] for c in cases)
    bottom = max((c.size.height - boxes[c.id].ymax) * my[c.id] for c in cases)
    canvas_height, canvas_width = math.ceil(bottom + top + ah), math.ceil(right + left + aw)
    total, count = np.zeros((canvas_height, canvas_width)), np.zeros((canvas_height, canvas_width))
    for c in cases:
        if c.id == without:
            continue
        for density in densities[c.id]:
            moved = interpolate(
                density, round(c.size.height * my[c.id]), round(c.size.width * mx[c.id])
            )
            moved /= moved.sum()
            row = round(top - boxes[c.id].ymin * my[c.id])
            column = round(left - boxes[c.id].xmin * mx[c.id])
            moved = moved[: canvas_height - row, : canvas_width - column]
            total[row : row + moved.shape[0], column : column + moved.shape[1]] += moved
            count[row : row + moved.shape[0], column : column + moved.shape[1]] += 1
    mean = np.where(count > 0, total / np.maximum(count, 1), 0.0)
    return _back(mean, case, boxes[case.id], (aw, ah), (left, top))


def _back(
    mean: Array, case: Case, box: Box, average: tuple[float, float], margins: tuple[float, float]
) -> Array:
    across, down = box.width / average[0], box.height / average[1]
    whole = interpolate(mean, round(mean.shape[0] * down), round(mean.shape[1] * across))
    row, column = round(margins[1] * down - box.ymin), round(margins[0] * across - box.xmin)
    out = np.zeros(case.size)
    for r in range(case.size.height):
        for c in range(case.size.width):
            if 0 <= r + row < whole.shape[0] and 0 <= c + column < whole.shape[1]:
                out[r, c] = whole[r + row, c + column]
    return out / out.sum()
