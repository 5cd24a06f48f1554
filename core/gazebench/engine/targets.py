"""From cases to what maps are scored against: densities, references, centre bias."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.gaze.buffers import Buffers
from gazebench.gaze.centre_bias import CentreBiasSums, Registration
from gazebench.gaze.density import NoDensityError, fixation_density
from gazebench.gaze.points import OtherFixations, positions, reference_points
from gazebench.gaze.reference import leave_one_out
from gazebench.gaze.regions import reference_regions
from gazebench.scoring.target import Target
from gazebench.spec.capabilities import CENTRE_BIAS, FIXATIONS, OTHER_FIXATIONS, REGIONS
from gazebench.spec.contracts import OpenDataset
from gazebench.spec.values import Case, Fixations

# Densities are held in float32: 40 MB less per native reading, and an error of 1e-7 of the peak.
DENSITY_DTYPE = np.float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseGaze:
    """One case's densities [R, H, W] and the target its maps are scored against."""

    densities: NDArray[np.float32]
    target: Target


class GazeSource:
    """Makes targets for the cases of one dataset, and owns what is summed over all of them."""

    def __init__(self, dataset: OpenDataset, *, recipe: str) -> None:
        self._dataset = dataset
        self._recipe = recipe
        self._registration: Registration | None = None
        self._sums: CentreBiasSums | None = None
        self._others: OtherFixations | None = None

    def readings_without_density(
        self, cases: Sequence[Case], *, on_case: Callable[[], None]
    ) -> frozenset[str]:
        """Read every fixation file once and name the readings whose heatmap sums to zero.

        The densities made on the way go into the centre-bias sums, so that a dataset is read
        twice in all: once here, once when its cases are scored.

        Raises:
            DataError: a fixation file is missing, empty or malformed.
        """
        registration = Registration.from_cases(cases)
        sums, others = CentreBiasSums(registration), OtherFixations(registration)
        without: set[str] = set()
        buffers = Buffers()
        for case in cases:
            stack = buffers.take("densities", (len(case.readings), *case.size), DENSITY_DTYPE)
            where: list[NDArray[np.float64]] = []
            for reading in case.readings:
                fixations = self._dataset.fixations(case, reading)
                if _density(fixations, case, stack[len(where)]):
                    where.append(positions(fixations))
                else:
                    without.add(reading.id)
            if where:
                sums.add(case, stack[: len(where)], buffers)
                others.add(case, np.concatenate(where))
            on_case()
        self._registration, self._sums, self._others = registration, sums, others
        return frozenset(without)

    def gaze(self, case: Case, needs: frozenset[str], buffers: Buffers | None = None) -> CaseGaze:
        """Return the densities and the target of one case, with what the metrics need.

        They lie in `buffers` where these are given, until another case takes them.
        """
        memory = buffers or Buffers()
        assert self._others is not None, "readings_without_density comes first"
        fixations = [self._dataset.fixations(case, reading) for reading in case.readings]
        densities = self._stacked(case, fixations, memory)
        references = memory.take("references", densities.shape, DENSITY_DTYPE)
        target = Target(
            size=case.size,
            references=leave_one_out(densities, references),
            centre_bias=self.centre_bias(case, densities, memory) if CENTRE_BIAS in needs else None,
            fixations=reference_points([positions(one) for one in fixations], case.size)
            if FIXATIONS in needs
            else (),
            other_fixations=self._others.on(case) if OTHER_FIXATIONS in needs else None,
            regions=reference_regions(case.readings, case.size) if REGIONS in needs else (),
        )
        return CaseGaze(densities=densities, target=target)

    def densities(self, case: Case) -> NDArray[np.float32]:
        """Return the density of every reading, [R, H, W]."""
        fixations = [self._dataset.fixations(case, reading) for reading in case.readings]
        return self._stacked(case, fixations, Buffers())

    def _stacked(
        self, case: Case, fixations: Sequence[Fixations], buffers: Buffers
    ) -> NDArray[np.float32]:
        stack = buffers.take("densities", (len(fixations), *case.size), DENSITY_DTYPE)
        for row, one, reading in zip(stack, fixations, case.readings, strict=True):
            if not _density(one, case, row):
                raise DataError(
                    f"reading {reading.id} of case {case.id} lost its density between two reads",
                    do="do not change the dataset while a run reads it",
                )
        return stack

    def centre_bias(
        self, case: Case, densities: NDArray[np.float32], buffers: Buffers | None = None
    ) -> NDArray[np.float32]:
        """Return the centre-bias density of one case by the run's recipe, in float32."""
        assert self._sums is not None, "readings_without_density comes first"
        memory = buffers or Buffers()
        own = densities if self._recipe == "loio" else None
        bias = memory.take("narrow centre bias", tuple(case.size), DENSITY_DTYPE)
        bias[:] = self._sums.density(case, own, memory)
        return bias

    def registered(
        self, density: NDArray[np.floating], from_case: Case, to_case: Case
    ) -> NDArray[np.floating]:
        """Return another case's density, moved onto this case's chest box."""
        assert self._registration is not None, "readings_without_density comes first"
        return self._registration.register(density, from_case, to_case)


def _density(fixations: Fixations, case: Case, out: NDArray[np.float32]) -> bool:
    """Write the density of a reading to `out`, and say whether it has one."""
    try:
        fixation_density(fixations, case.size, out=out)
    except NoDensityError:
        return False
    return True
