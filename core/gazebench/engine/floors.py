"""What floors are allowed to see, and the maps they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.keys import stable_integer
from gazebench.engine.targets import CaseGaze, GazeSource
from gazebench.spec.values import Box, Case


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseFloorContext:
    """Everything about one case but its image: implements `spec.contracts.FloorContext`."""

    case: Case
    gaze: CaseGaze
    source: GazeSource
    others: Sequence[Case]
    rng: np.random.Generator

    @property
    def chest_box(self) -> Box | None:
        """The mean chest box over the case's readings, None when a reading has none."""
        boxes = [reading.chest_box for reading in self.case.readings]
        known = [box for box in boxes if box is not None]
        if not known:
            return None
        return Box(*np.mean(known, axis=0).tolist())

    def centre_bias(self) -> NDArray[np.floating]:
        """Return the centre-bias density [H, W] of this case."""
        if self.gaze.target.centre_bias is None:
            return self.source.centre_bias(self.case, self.gaze.densities)
        return self.gaze.target.centre_bias

    def shuffled_density(self) -> NDArray[np.floating]:
        """Return the mean density of a randomly chosen other case, registered to this one."""
        candidates = [case for case in self.others if case.id != self.case.id]
        other = candidates[int(self.rng.integers(len(candidates)))]
        mean = self.source.densities(other).mean(axis=0)
        return self.source.registered(mean, other, self.case)


def floor_rng(seed: int, floor: str, case: Case) -> np.random.Generator:
    """Return random numbers that depend on the seed, the floor and the case, and on nothing else.

    Not on the order of cases, so that every executor draws the same numbers.
    """
    return np.random.default_rng([seed, stable_integer(floor), stable_integer(case.id)])
