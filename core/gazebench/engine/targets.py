"""From cases to what maps are scored against: densities, references, centre bias."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.looked import Looked, Recalled, recall, write_density
from gazebench.errors import DataError
from gazebench.gaze.arrays import Regions
from gazebench.gaze.buffers import Buffers
from gazebench.gaze.centre_bias import CentreBiasSums, Registration
from gazebench.gaze.points import OtherFixations, positions, reference_points
from gazebench.gaze.reference import leave_one_out
from gazebench.gaze.regions import reference_regions, union
from gazebench.gaze.whereabouts import Whereabouts
from gazebench.registry.plugin import Plugin
from gazebench.scoring.target import Target
from gazebench.spec.capabilities import CENTRE_BIAS, FIXATIONS, OTHER_FIXATIONS, REGIONS
from gazebench.spec.contracts import OpenDataset
from gazebench.spec.values import Case, Fixations, Points, Reading

# Densities are held in float32: 40 MB less per native reading, and an error of 1e-7 of the peak.
DENSITY_DTYPE = np.float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseGaze:
    """One case's densities [R, H, W] and the target its maps are scored against."""

    densities: NDArray[np.float32]
    target: Target


class KeptGaze(NamedTuple):
    """What is summed over all of a dataset's gaze.

    Attributes:
        total: the sum of all densities on the canvas, in float64.
        counts: how many were added to each of its pixels.
        placed: case -> its fixations on the canvas, [F, 2].
    """

    total: NDArray[np.float64]
    counts: NDArray[np.int32]
    placed: Mapping[str, NDArray[np.float64]]


class GazeSource:
    """Makes targets for the cases of one dataset, and owns what is summed over all of them.

    `recipe` is that of the centre bias; `reference` says what of a reading counts, all of its
    fixations without one.
    """

    def __init__(
        self, dataset: OpenDataset, *, recipe: str, reference: Plugin | None = None
    ) -> None:
        self._dataset = dataset
        self._recipe = recipe
        self._reference = reference
        self._registration: Registration | None = None
        self._sums: CentreBiasSums | None = None
        self._others: OtherFixations | None = None
        self._scratch = Buffers()  # of what is over before a case is scored; one case at a time

    def readings_without_density(
        self, cases: Sequence[Case], *, on_case: Callable[[], None]
    ) -> frozenset[str]:
        """Read every fixation file once and name the readings that give no density.

        Those are readings whose heatmap sums to zero, and readings of which the reference's recipe
        can make nothing.

        The densities made on the way go into the centre-bias sums, so that a dataset is read
        twice in all: once here, once when its cases are scored.

        Raises:
            DataError: a fixation file is missing, empty or malformed, or the fixations cannot be
                pixels of their images.
        """
        registration, whereabouts = Registration.from_cases(cases), Whereabouts()
        sums, others = CentreBiasSums(registration), OtherFixations(registration)
        without: set[str] = set()
        buffers = Buffers()
        for case in cases:
            stack = buffers.take("densities", (len(case.readings), *case.size), DENSITY_DTYPE)
            kept: list[Recalled] = []
            for reading in case.readings:
                recalled = self._recalled(case, reading)
                if isinstance(recalled, Fixations):
                    whereabouts.add(recalled, case, reading)
                if write_density(recalled, case, stack[len(kept)]):
                    kept.append(recalled)
                else:
                    without.add(reading.id)
            if kept:
                sums.add(case, stack[: len(kept)], buffers)
            if where := [positions(one) for one in kept if isinstance(one, Fixations)]:
                others.add(case, np.concatenate(where))
            on_case()
        whereabouts.check()
        self._registration, self._sums, self._others = registration, sums, others
        return frozenset(without)

    def keep(self) -> KeptGaze:
        """Return what `readings_without_density` summed up, to be restored elsewhere."""
        assert self._sums is not None, "readings_without_density comes first"
        assert self._others is not None
        return KeptGaze(
            total=self._sums.total, counts=self._sums.count, placed=dict(self._others.placed)
        )

    def restore(self, cases: Sequence[Case], kept: KeptGaze) -> None:
        """Take over what another source summed up over the same cases."""
        registration = Registration.from_cases(cases)
        others = OtherFixations(registration)
        others.placed.update(kept.placed)
        self._registration, self._others = registration, others
        self._sums = CentreBiasSums.restored(registration, kept.total, kept.counts)

    def gaze(self, case: Case, needs: frozenset[str], buffers: Buffers | None = None) -> CaseGaze:
        """Return the densities and the target of one case, with what the metrics need.

        They lie in `buffers` where these are given, until another case takes them.
        """
        memory = buffers or Buffers()
        assert self._others is not None, "readings_without_density comes first"
        recalled = [self._recalled(case, reading) for reading in case.readings]
        densities = self._stacked(case, recalled, memory)
        references = memory.take("references", densities.shape, DENSITY_DTYPE)
        target = Target(
            size=case.size,
            references=leave_one_out(densities, references),
            centre_bias=self.centre_bias(case, densities, memory) if CENTRE_BIAS in needs else None,
            fixations=_points(recalled, case) if FIXATIONS in needs else (),
            other_fixations=self._others.on(case) if OTHER_FIXATIONS in needs else None,
            regions=self._regions(case, recalled) if REGIONS in needs else (),
        )
        return CaseGaze(densities=densities, target=target)

    def densities(self, case: Case) -> NDArray[np.float32]:
        """Return the density of every reading, [R, H, W]."""
        recalled = [self._recalled(case, reading) for reading in case.readings]
        return self._stacked(case, recalled, Buffers())

    def _recalled(self, case: Case, reading: Reading) -> Recalled:
        return recall(self._reference, Looked(dataset=self._dataset, case=case, reading=reading))

    def _regions(self, case: Case, recalled: Sequence[Recalled]) -> Regions:
        """Return the regions of every reading: the recipe's own, or else what was marked."""
        return reference_regions(
            [
                one
                if isinstance(one, np.ndarray)
                else union(Looked(dataset=self._dataset, case=case, reading=r).regions(), case.size)
                for one, r in zip(recalled, case.readings, strict=True)
            ]
        )

    def _stacked(
        self, case: Case, recalled: Sequence[Recalled], buffers: Buffers
    ) -> NDArray[np.float32]:
        stack = buffers.take("densities", (len(recalled), *case.size), DENSITY_DTYPE)
        for row, one, reading in zip(stack, recalled, case.readings, strict=True):
            if not write_density(one, case, row):
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
        bias[:] = self._sums.density(case, own, self._scratch)
        return bias

    def registered(
        self, density: NDArray[np.floating], from_case: Case, to_case: Case
    ) -> NDArray[np.floating]:
        """Return another case's density, moved onto this case's chest box."""
        assert self._registration is not None, "readings_without_density comes first"
        return self._registration.register(density, from_case, to_case)


def _points(recalled: Sequence[Recalled], case: Case) -> tuple[Points, ...]:
    """Return the pixels that the reference readings fixated; a marked region has no such points."""
    nowhere = np.empty((0, 2))
    where = [positions(one) if isinstance(one, Fixations) else nowhere for one in recalled]
    return reference_points(where, case.size)
