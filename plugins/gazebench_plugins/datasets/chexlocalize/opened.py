"""CheXlocalize opened: a film is a case, every reader's outlines a reading, and no gaze."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gazebench.errors import DataError, NoGazeError
from gazebench.spec import Case, Fixations, LabelledMask, Reading, Size
from gazebench_plugins.datasets.chexlocalize.annotations import IMAGE, Outlines
from gazebench_plugins.datasets.chexlocalize.sources import Sources
from gazebench_plugins.datasets.digest import add_file, add_text
from gazebench_plugins.datasets.pictures import read_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRESENT, ABSENT = 5.0, 0.0


class OpenCheXlocalize:
    """Films on which at least one reader outlined something.

    A reading's findings are 5 where outlined and 0 where the file knows the finding and nothing is
    outlined. A case is complete when every reader of the run outlined something on it.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def cases(self) -> Sequence[Case]:
        """Return every film with outlines, split by split, by name."""
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        """Refuse: nobody tracked the eyes of those who drew the outlines.

        Raises:
            NoGazeError: always.
        """
        raise NoGazeError(
            f"reading {reading.id} of {case.id} has no gaze: the films were outlined, and no eyes "
            "were tracked",
            do="leave --reference out, or choose --reference regions",
        )

    def masks(self, case: Case, reading: Reading) -> tuple[LabelledMask, ...]:
        """Return what a reader outlined, one mask per finding.

        Raises:
            DataError: an outline cannot be read.
        """
        outlines = self._outlines(case, reading.id.rpartition("/")[2])
        present = (label for label, value in reading.findings.items() if value > 0)
        return tuple(LabelledMask(outlines.mask(case.id, label), (label,)) for label in present)

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a film's pixels, [H, W], or [H, W, 3] where it is stored in colours."""
        return read_picture(self.image_file(case), case.size)

    def image_file(self, case: Case) -> Path:
        """Return the file of a film."""
        return self._film(case.id, str(case.attributes["split"]))

    def fingerprint(self) -> str:
        """Return a SHA-256 over the files of outlines and the choice of readers and views."""
        digest = hashlib.sha256()
        add_text(digest, *self._sources.readers, self._sources.views)
        for split, by_reader in self._sources.outlines.items():
            for reader, outlines in by_reader.items():
                add_file(digest, f"{split}/{reader}", outlines.file)
        return digest.hexdigest()

    @cached_property
    def _cases(self) -> Sequence[Case]:
        return tuple(
            case
            for split, by_reader in self._sources.outlines.items()
            for image in sorted({image for one in by_reader.values() for image in one.images})
            if self._sources.takes(image)
            if (case := self._case(image, split, by_reader)) is not None
        )

    def _case(self, image: str, split: str, by_reader: Mapping[str, Outlines]) -> Case | None:
        sizes: dict[Size, str] = {}
        readings = []
        for reader, outlines in by_reader.items():
            if image not in outlines.images:
                continue
            labels = outlines.labels(image)
            if any(labels.values()):
                sizes.setdefault(outlines.size(image), reader)
                findings = {name: PRESENT if there else ABSENT for name, there in labels.items()}
                readings.append(Reading(id=f"{image}/{reader}", findings=findings))
        if not readings:
            return None
        if len(sizes) > 1:
            raise DataError(
                f"{image}: the readers' files give it the sizes {', '.join(map(str, sizes))}",
                do="use the files as distributed",
            )
        patient, _, _, view = _parts(image)
        return Case(
            id=image,
            size=next(iter(sizes)),
            readings=tuple(readings),
            expected_readings=len(by_reader),
            subject=patient,
            attributes={"split": split, "view": view},
            has_image=self._film(image, split).is_file(),
        )

    def _film(self, image: str, split: str) -> Path:
        patient, study, film, _ = _parts(image)
        return self._sources.films(split) / patient / study / f"{film}.jpg"

    def _outlines(self, case: Case, reader: str) -> Outlines:
        return self._sources.outlines[str(case.attributes["split"])][reader]


def _parts(image: str) -> tuple[str, str, str, str]:
    found = IMAGE.fullmatch(image)
    assert found is not None, "the names were checked when the file was read"
    patient, study, film, view = found.groups()
    return patient, study, film, view
