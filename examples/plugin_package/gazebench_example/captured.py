"""A metric: how much of the gaze lies on the map's highest fifth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench import metric
from gazebench.spec import REFERENCE, ScoredMap, Target

SHARE = 0.2


@metric(higher_is_better=True, range=(0, 1), chance=SHARE, needs={REFERENCE}, version=1)
def captured(scored: ScoredMap, target: Target) -> NDArray[np.float64]:
    """Captured gaze: the fixation density on the fifth of the pixels where the map is highest.

    Pixels that tie at the border of that fifth count in part, so a constant map gets 0.2.
    """
    kept = SHARE * scored.values.size
    border = np.partition(scored.values, -int(np.ceil(kept)), axis=None)[-int(np.ceil(kept))]
    above, tied = scored.values > border, scored.values == border
    part = (kept - above.sum()) / tied.sum()
    return np.asarray(
        [reference[above].sum() + part * reference[tied].sum() for reference in target.references]
    )
