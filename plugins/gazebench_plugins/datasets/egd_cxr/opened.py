"""EGD-CXR opened: cases from the master sheet, gaze from one table, films when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from gazebench.errors import DataError
from gazebench.spec import Box, Case, Fixations, Reading, Size, Word
from gazebench.spec.values import AttributeValue
from gazebench_plugins.datasets.digest import add_file, add_text
from gazebench_plugins.datasets.egd_cxr.anatomy import chest_boxes
from gazebench_plugins.datasets.egd_cxr.attributes import read_attributes
from gazebench_plugins.datasets.egd_cxr.columns import TRANSCRIPT
from gazebench_plugins.datasets.egd_cxr.gaze import (
    Sample,
    fixations_of,
    on_film,
    parse_sample,
    rows_by_film,
)
from gazebench_plugins.datasets.egd_cxr.screen import place
from gazebench_plugins.datasets.egd_cxr.sheet import Film, contradictions, parse_film, read_sheet
from gazebench_plugins.datasets.egd_cxr.sizes import KnownSizes, known_sizes
from gazebench_plugins.datasets.egd_cxr.sources import RecordingSources
from gazebench_plugins.datasets.egd_cxr.transcripts import read_phrases
from gazebench_plugins.datasets.reflacx.film_files import Films, no_film
from gazebench_plugins.datasets.reflacx.films import read_film

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class OpenEgd:
    """EGD-CXR with MIMIC-CXR films, or without: then its cases have gaze only.

    A film is a case with the one reading of the one radiologist. A film without a valid fixation is
    no case. Cases come in the order of the master sheet.
    """

    def __init__(self, sources: RecordingSources) -> None:
        self._sources = sources

    def cases(self) -> Sequence[Case]:
        """Return every film with gaze."""
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:  # noqa: ARG002
        """Return the reading's fixations; those beside the film keep their place there."""
        placement = place(case.size, self._films_by_id[case.id].pads)
        return on_film(self._gaze[case.id], placement, case.size, self._sources.pixels_per_degree)

    def words(self, case: Case, reading: Reading) -> tuple[Word, ...]:  # noqa: ARG002
        """Return the phrases of the dictation, each with its times."""
        folder = self._sources.recording(self._films_by_id[case.id].place)
        return read_phrases(folder / TRANSCRIPT)

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a film's pixels, [H, W]."""
        return read_film(self.image_file(case), case.size)

    def image_file(self, case: Case) -> Path:
        """Return the file of a film."""
        path = self._files.path(self._films_by_id[case.id].place)
        if path is None:
            raise no_film(case.id)
        return path

    def fingerprint(self) -> str:
        """Return a SHA-256 over the tables, the films' sizes, the transcripts and the degree."""
        digest = hashlib.sha256()
        add_text(digest, repr(self._sources.pixels_per_degree), self._sources.labels)
        for paths in (self._sources.sheets, self._sources.gaze, self._sources.boxes):
            for number, path in enumerate(paths):
                add_file(digest, f"{path.name.removesuffix('.gz')} {number}", path)
        for case in self._cases:
            add_text(digest, case.id, repr(tuple(case.size)), repr(sorted(case.attributes.items())))
            folder = self._sources.recording(self._films_by_id[case.id].place)
            if (folder / TRANSCRIPT).is_file():
                add_file(digest, case.id, folder / TRANSCRIPT)
        return digest.hexdigest()

    @cached_property
    def _films_by_id(self) -> Mapping[str, Film]:
        labels = self._sources.labels
        tables = [read_sheet(path, labels) for path in self._sources.sheets]
        films = [parse_film(row, labels) for table in tables for row in table.rows]
        for problem in contradictions(films):
            raise problem
        return {film.dicom_id: film for film in films}

    @cached_property
    def _gaze(self) -> Mapping[str, Sequence[Sample]]:
        rows = rows_by_film(self._sources.gaze, self._films_by_id.keys())
        fixations = {film: fixations_of(map(parse_sample, of)) for film, of in rows.items()}
        return {film: samples for film, samples in fixations.items() if samples}

    @cached_property
    def _files(self) -> Films:
        return self._sources.films([self._films_by_id[film].place for film in self._gaze])

    @cached_property
    def _cases(self) -> Sequence[Case]:
        if not self._gaze:
            raise DataError(
                f"no usable reading in {self._sources.place}: no valid fixation on any of the "
                f"{len(self._films_by_id)} films of the master sheet",
                do="fetch fixations.csv and master_sheet.csv again: one of them is of other films",
            )
        films = {key: film for key, film in self._films_by_id.items() if key in self._gaze}
        sizes = known_sizes(self._sources, films, self._files)
        boxes = chest_boxes(self._sources.boxes, films)
        attributes = read_attributes(self._sources, films.keys())
        return tuple(
            self._case(film, sizes, boxes.get(key), attributes.of(film))
            for key, film in films.items()
        )

    def _case(
        self,
        film: Film,
        sizes: KnownSizes,
        chest_box: Box | None,
        attributes: Mapping[str, AttributeValue],
    ) -> Case:
        size: Size = sizes.size(film)
        reading = Reading(
            id=f"{film.dicom_id}/reading", findings=film.findings, chest_box=chest_box
        )
        return Case(
            id=film.dicom_id,
            size=size,
            readings=(reading,),
            expected_readings=1,
            subject=film.place.subject,
            attributes=attributes,
            has_image=self._files.path(film.place) is not None,
        )
