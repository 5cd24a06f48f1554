"""A folder dataset opened: cases from the table, gaze and pictures when asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gazebench.errors import DataError
from gazebench.spec import Case, Fixations, Reading, Size
from gazebench.spec.values import AttributeValue
from gazebench_plugins.datasets.digest import add_file, add_text
from gazebench_plugins.datasets.folder.description import Description
from gazebench_plugins.datasets.folder.gaze import Gaze, Look, read_gaze
from gazebench_plugins.datasets.folder.images import (
    declared_sizes,
    picture_path,
    picture_sizes,
)
from gazebench_plugins.datasets.pictures import read_picture

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# What decides neither cases nor gaze, or is known by its content.
_NOT_IN_FINGERPRINT = frozenset({"title", "restricted", "table", "images"})


class OpenFolder:
    """Images of any kind with one table of fixations.

    An image is a case, in the order of the table; an observer's rows on it are a reading. Sigma is
    declared, and the whole image was shown. Without `expected_readings` a case is complete with
    the observers it has, except that a single one does not complete an image of a table in which
    others have several: no other observer is left to compare with.
    """

    def __init__(self, described: Description) -> None:
        self.described = described

    @property
    def title(self) -> str:
        """What the dataset is called."""
        return self.described.title

    @property
    def restricted(self) -> bool:
        """Whether cases, gaze and images must stay on this machine."""
        return self.described.restricted

    def cases(self) -> Sequence[Case]:
        """Return every image of the table."""
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        """Return one reading's fixations."""
        gaze = self._gaze
        rows = gaze.looks[Look(case.id, reading.id.removeprefix(f"{case.id}/"))]
        sigma_x, sigma_y = self.described.pixels_per_degree
        shown = [0, 0, case.size.width, case.size.height]
        return Fixations(
            x=gaze.x[rows],
            y=gaze.y[rows],
            start_s=gaze.start_s[rows],
            end_s=gaze.end_s[rows],
            sigma_x=np.full(len(rows), sigma_x),
            sigma_y=np.full(len(rows), sigma_y),
            shown=np.tile(np.array(shown, dtype=np.int64), (len(rows), 1)),
        )

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a picture's pixels, [H, W] or [H, W, 3]."""
        return read_picture(self.image_file(case), case.size)

    def image_file(self, case: Case) -> Path:
        """Return the file of a picture."""
        if self.described.images is None:
            raise DataError(
                f"case {case.id}: {self.described.file} names no folder of images",
                do="add images = FOLDER to it",
            )
        return picture_path(self.described, case.id)

    def fingerprint(self) -> str:
        """Return a SHA-256 over the table, the description and the images' sizes."""
        digest = hashlib.sha256()
        given = {k: v for k, v in self.described.given.items() if k not in _NOT_IN_FINGERPRINT}
        add_text(digest, json.dumps(given, sort_keys=True))
        add_file(digest, "table", self.described.table)
        for image, size in self._sizes.items():
            add_text(digest, image, f"{size.height}x{size.width}")
        return digest.hexdigest()

    @cached_property
    def _gaze(self) -> Gaze:
        return read_gaze(self.described)

    @cached_property
    def _observers(self) -> Mapping[str, Sequence[str]]:
        observers: dict[str, list[str]] = {}
        for look in self._gaze.looks:
            observers.setdefault(look.image, []).append(look.observer)
        return observers

    @cached_property
    def _sizes(self) -> Mapping[str, Size]:
        images = tuple(self._observers)
        if self.described.images is not None:
            return picture_sizes(self.described, images)
        return declared_sizes(self.described, self._gaze.table, images)

    @cached_property
    def _cases(self) -> Sequence[Case]:
        columns = {name: self._per_image(name) for name in self.described.attributes}
        name = self.described.columns.patient
        patients = self._per_image(name) if name is not None else {}
        by_design = self.described.expected_readings
        least = 2 if max(map(len, self._observers.values())) > 1 else 1
        return tuple(
            Case(
                id=image,
                size=self._sizes[image],
                readings=tuple(Reading(id=f"{image}/{observer}") for observer in observers),
                expected_readings=by_design or max(len(observers), least),
                subject=str(patients[image]) if name is not None else None,
                attributes={column: values[image] for column, values in columns.items()},
                has_image=self.described.images is not None,
            )
            for image, observers in self._observers.items()
        )

    def _per_image(self, column: str) -> Mapping[str, AttributeValue]:
        return one_per_image(self._gaze, self.described.columns.image, column)


def one_per_image(gaze: Gaze, image_column: str, column: str) -> Mapping[str, AttributeValue]:
    """Return a column's value for every image.

    Raises:
        DataError: an image has two.
    """
    found: dict[str, AttributeValue] = {}
    images, values = gaze.table.texts(image_column), gaze.table.values(column)
    for place, (image, value) in enumerate(zip(images, values, strict=True)):
        before = found.setdefault(image, value)
        if before is not value and before != value:
            raise gaze.table.refuse(
                place, f"{column} of {image} is {value!r}, but {before!r} in an earlier row"
            )
    return found
