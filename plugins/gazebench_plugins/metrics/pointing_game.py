"""The pointing game: does the map's maximum fall on what the readers marked?"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.errors import PluginError
from gazebench.spec import REGIONS, ScoredMap, Target
from gazebench_plugins.metrics.regions import Region, frame, marked


@metric(
    title="Pointing game",
    higher_is_better=True,
    range=(0.0, 1.0),
    chance=None,
    needs={REGIONS},
    version=1,
    reference="Zhang, Bargal, Lin, Brandt, Shen, Sclaroff, Top-down neural attention by excitation "
    "backprop, IJCV 126(10):1084-1102 (2018)",
)
def pointing_game(
    scored: ScoredMap, target: Target, *, tolerance: float = 0.0
) -> NDArray[np.float64]:
    """Return 1 where the map's maximum lies in the region, else 0.

    The map is used as it is. Of several maxima, the share that lies inside: a constant map gets
    the region's share of the image. `tolerance` is in pixels of the image as stored: a maximum no
    farther from the region than that counts as inside. The original's is 15, for photographs of
    some 500 pixels.

    Raises:
        PluginError: `tolerance` is negative or infinite.
    """
    if not 0.0 <= tolerance < np.inf:
        raise PluginError(
            f"a tolerance of {tolerance:g} pixels is no distance",
            do="use pointing_game:tolerance=PIXELS, 0 or more",
        )
    rows, columns = np.nonzero(scored.values == scored.values.max())
    return np.array([_share(region, rows, columns, tolerance) for region in marked(target)])


def _share(
    region: Region, rows: NDArray[np.intp], columns: NDArray[np.intp], tolerance: float
) -> float:
    inside = region[rows, columns]
    if not inside.all():  # else the distances, which take their time, cannot matter
        inside = near(region, tolerance)[rows, columns]
    return float(inside.mean())


def near(region: Region, tolerance: float) -> Region:
    """Return the pixels no farther than `tolerance` pixels from a region.

    >>> near(np.array([[False, False, True, False]]), 1.0).astype(int).tolist()
    [[0, 1, 1, 1]]
    """
    if tolerance < 1.0:
        return region
    from scipy.ndimage import distance_transform_edt  # 0.4 s of import that most runs do without

    within = frame(region, ceil(tolerance))
    found = np.zeros_like(region)
    found[within] = distance_transform_edt(~region[within]) <= tolerance
    return found
