"""Earth mover's distance between map and reference, sliced: how far mass has to travel.

The exact distance between two images of millions of pixels is out of reach. Both distributions are
averaged over a grid of at most `cells` cells on the long side (exactly: a pixel across an edge is
divided), and the Wasserstein-1 distance of their projections, exact on a line, is averaged over
`directions` evenly spread directions. That is at most the exact distance on the grid; for a
distribution that is merely shifted it is 2/pi of the shift.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.errors import PluginError
from gazebench.spec import REFERENCE, ScoredMap, Size, Target


@metric(
    title="EMD (sliced)",
    higher_is_better=False,
    range=(0.0, 1.0),
    chance=None,
    needs={REFERENCE},
    version=1,
    unit="image diagonals",
    reference="Rubner, Tomasi, Guibas, The earth mover's distance as a metric for image retrieval, "
    "IJCV 40(2):99-121 (2000); sliced: Bonneel, Rabin, Peyré, Pfister, Sliced and Radon "
    "Wasserstein barycenters of measures, JMIV 51(1):22-45 (2015)",
)
def emd(
    scored: ScoredMap, target: Target, *, directions: int = 32, cells: int = 64
) -> NDArray[np.float64]:
    """Mean over directions of the Wasserstein-1 distance of projected map and reference.

    In image diagonals. The map is made a distribution: (S - min(S, 0)) / sum. Not the exact earth
    mover's distance: both are averaged over at most `cells` cells on the long side, and the
    distance is sliced along `directions` directions.

    Raises:
        PluginError: `directions` or `cells` is less than 1.
    """
    if directions < 1 or cells < 1:
        raise PluginError(
            f"{directions} directions and {cells} cells make no distance", do="use 1 or more"
        )
    grid = grid_size(target.size, cells)
    own = cell_sums(scored.distribution, grid)
    references = np.stack([cell_sums(one, grid) for one in target.references])
    differences = own / own.sum() - references / references.sum(axis=(1, 2), keepdims=True)
    distances = sliced_distances(
        differences.reshape(len(references), -1), *centres(target.size, grid), directions
    )
    return np.asarray(distances / np.hypot(*target.size))


def grid_size(size: Size, cells: int) -> Size:
    """Return how many cells each side gets: `cells` the long one, none more than it has pixels.

    >>> grid_size(Size(600, 800), 64), grid_size(Size(2, 3), 64)
    (Size(height=48, width=64), Size(height=2, width=3))
    """
    scale = min(1.0, cells / max(size))
    return Size(*(max(1, round(side * scale)) for side in size))


def cell_sums(mass: NDArray[np.floating], grid: Size) -> NDArray[np.float64]:
    """Return the mass in every cell of a grid of equal cells over [H, W].

    A pixel that an edge of a cell runs through is divided in proportion.

    >>> cell_sums(np.array([[4.0, 2.0, 4.0]]), Size(1, 2))
    array([[5., 5.]])
    """
    return _row_sums(_row_sums(mass, grid.height).T, grid.width).T


def _row_sums(mass: NDArray[np.floating], count: int) -> NDArray[np.float64]:
    starts, rests = np.divmod(np.arange(count + 1) * len(mass), count)
    cells = [mass[start:stop].sum(axis=0) for start, stop in pairwise(starts)]
    sums = np.array(cells, np.float64)
    # The row that an edge runs through has gone to the cell after it: its first part goes back.
    before = (rests[1:-1, None] / count) * mass[starts[1:-1]]
    sums[1:] -= before
    sums[:-1] += before
    return sums


def centres(size: Size, grid: Size) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle of every cell, (x, y) in pixels from the image's corner, [cells] each."""
    rows, columns = np.mgrid[: grid.height, : grid.width] + 0.5
    return columns.ravel() * size.width / grid.width, rows.ravel() * size.height / grid.height


def sliced_distances(
    differences: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    directions: int,
) -> NDArray[np.float64]:
    """Return the mean over directions of W1 between distributions that differ by [R, points].

    On a line, W1 is the integral of the distance between the two distribution functions.
    """
    found = np.zeros(len(differences))
    for angle in np.pi * (np.arange(directions) + 0.5) / directions:
        along = x * np.cos(angle) + y * np.sin(angle)
        order = np.argsort(along)
        lead = np.cumsum(differences[:, order[:-1]], axis=1)
        found += np.abs(lead) @ np.diff(along[order])
    return found / directions
