"""The films with boxes, opened: one reading each, and no gaze."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gazebench.errors import NoGazeError
from gazebench.spec import Box, Case, Fixations, LabelledBox, Reading, Size
from gazebench.spec.values import AttributeValue
from gazebench_plugins.datasets.digest import add_text
from gazebench_plugins.datasets.faults import BadFileError
from gazebench_plugins.datasets.nih_cxr.sources import Sources
from gazebench_plugins.datasets.nih_cxr.tables import (
    DrawnBox,
    Film,
    read_boxes,
    read_labels,
)
from gazebench_plugins.datasets.pictures import picture_size, read_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWN_ON = 1024  # pixels, both sides of the films that the boxes were drawn on
PRESENT = 5.0


class OpenNih:
    """Films with boxes: a film is a case, all of its boxes are its one reading.

    Boxes are scaled to the films as stored. A film of the table that is not on the disk is left
    out. A reading's findings are those with a box; of others the boxes say nothing.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def cases(self) -> Sequence[Case]:
        """Return every film with boxes that is on the disk, by name."""
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        """Refuse: nobody tracked the eyes of those who drew the boxes.

        Raises:
            NoGazeError: always.
        """
        raise NoGazeError(
            f"reading {reading.id} of case {case.id} has no gaze: the NIH's films were marked, and "
            "no eyes were tracked",
            do="leave --reference out, or choose --reference regions",
        )

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a film's pixels, [H, W], or [H, W, 3] where it is stored in colours."""
        return read_picture(self.image_file(case), case.size)

    def image_file(self, case: Case) -> Path:
        """Return the file of a film."""
        return self._files[f"{case.id}.png"]

    def fingerprint(self) -> str:
        """Return a SHA-256 over the films' names and sizes, their boxes and attributes."""
        digest = hashlib.sha256()
        for case in self._cases:
            add_text(digest, case.id, repr(tuple(case.size)), repr(case.readings[0].boxes))
            add_text(digest, repr(sorted(case.attributes.items())))
        return digest.hexdigest()

    @cached_property
    def _boxes(self) -> Mapping[str, list[DrawnBox]]:
        path = self._sources.require_boxes()
        boxes: dict[str, list[DrawnBox]] = {}
        for one in read_boxes(path):
            boxes.setdefault(one.film, []).append(one)
        if not boxes:
            raise BadFileError(path, None, "holds no box", do="fetch the table again")
        return boxes

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        return self._sources.films(self._boxes)

    @cached_property
    def _films(self) -> Mapping[str, Film]:
        table = self._sources.find("labels")
        return {film.name: film for film in read_labels(table)} if table else {}

    @cached_property
    def _cases(self) -> Sequence[Case]:
        return tuple(self._case(name, path) for name, path in self._files.items())

    def _case(self, name: str, path: Path) -> Case:
        film_id, boxes, size = name.removesuffix(".png"), self._boxes[name], picture_size(path)
        labels = tuple(dict.fromkeys(one.finding for one in boxes))
        reading = Reading(
            id=f"{film_id}/boxes",
            findings=dict.fromkeys(labels, PRESENT),
            boxes=tuple(LabelledBox(_scaled(one, size), (one.finding,)) for one in boxes),
        )
        return Case(
            id=film_id,
            size=size,
            readings=(reading,),
            expected_readings=1,
            subject=boxes[0].patient,
            attributes=self._attributes(name),
        )

    def _attributes(self, name: str) -> Mapping[str, AttributeValue]:
        film = self._films.get(name)
        known = {"view": film.view, "sex": film.sex} if film else {}
        return {key: value for key, value in known.items() if value}


def _scaled(drawn: DrawnBox, size: Size) -> Box:
    """Return a box in pixels of the film as stored.

    Raises:
        BadFileError: it lies outside the film.
    """
    if drawn.box.xmin >= DRAWN_ON or drawn.box.ymin >= DRAWN_ON or min(drawn.box[2:]) <= 0:
        raise drawn.row.refuse(f"the box {tuple(drawn.box)} lies outside the film")
    across, down = size.width / DRAWN_ON, size.height / DRAWN_ON
    box = drawn.box
    return Box(box.xmin * across, box.ymin * down, box.xmax * across, box.ymax * down)
