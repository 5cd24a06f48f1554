"""REFLACX opened: cases from the metadata tables, gaze and films when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gazebench.errors import DataError
from gazebench.spec import Case, Fixations, Reading, Word
from gazebench.spec.values import AttributeValue
from gazebench_plugins.datasets.digest import add_file, add_text
from gazebench_plugins.datasets.reflacx.columns import READINGS_PER_IMAGE
from gazebench_plugins.datasets.reflacx.film_files import Films, no_film, read_views
from gazebench_plugins.datasets.reflacx.films import read_film
from gazebench_plugins.datasets.reflacx.metadata import ImagePath, Record, image_path
from gazebench_plugins.datasets.reflacx.readings import (
    BOX_FILE,
    ELLIPSE_FILE,
    FIXATION_FILE,
    WORDS_FILE,
    read_box,
    read_ellipses,
    read_fixations,
    read_words,
    require_table,
)
from gazebench_plugins.datasets.reflacx.tables import find_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_READING_FILES = (FIXATION_FILE, ELLIPSE_FILE, BOX_FILE)


class ReadingSources(Protocol):
    """Where a dataset with REFLACX's readings has them."""

    @property
    def place(self) -> Path:
        """The folder that messages name."""
        ...

    @property
    def film_table(self) -> Path | None:
        """MIMIC-CXR's own metadata, which knows the views; None when it is not at hand."""
        ...

    def metadata_files(self) -> Mapping[str, Path]:
        """Return the metadata tables, each by a name that does not change."""
        ...

    def records(self) -> Sequence[Record]:
        """Return every reading that was asked for, in the order of the tables."""
        ...

    def folder(self, record: Record) -> Path:
        """Return the folder of a reading's files."""
        ...

    def films(self, places: Sequence[ImagePath]) -> Films:
        """Return where films lie."""
        ...


class OpenReflacx:
    """REFLACX with MIMIC-CXR films, or without: then its cases have gaze only.

    Discarded readings are left out and count in `Case.expected_readings`; an image none of whose
    readings is usable is left out. Cases come in the order of the tables, phase by phase.
    """

    def __init__(self, sources: ReadingSources) -> None:
        self._sources = sources

    def cases(self) -> Sequence[Case]:
        """Return every image with at least one usable reading."""
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        """Return one reading's fixations."""
        return read_fixations(require_table(self._folder(reading.id), FIXATION_FILE), case.size)

    def words(self, case: Case, reading: Reading) -> tuple[Word, ...]:  # noqa: ARG002
        """Return a reading's dictation word by word; dictated signs such as "." are words too."""
        return read_words(find_table(self._folder(reading.id), WORDS_FILE))

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a film's pixels, [H, W]."""
        return read_film(self.image_file(case), case.size)

    def image_file(self, case: Case) -> Path:
        """Return the file of a film."""
        path = self._films.path(image_path(self._first_records[case.id]))
        if path is None:
            raise no_film(case.id)
        return path

    def fingerprint(self) -> str:
        """Return a SHA-256 over the metadata and every used reading's files, decompressed."""
        digest = hashlib.sha256()
        for name, path in self._sources.metadata_files().items():
            add_file(digest, name, path)
        for case in self._cases:
            add_text(digest, case.id, str(case.attributes.get("view", "")))
            for reading in case.readings:
                for stem in _READING_FILES:
                    path = require_table(self._folder(reading.id), stem)
                    add_file(digest, f"{reading.id}/{stem}", path)
        return digest.hexdigest()

    @cached_property
    def _records(self) -> Sequence[Record]:
        found = self._sources.records()
        for problem in contradictions(found):
            raise problem
        return found

    @cached_property
    def _first_records(self) -> Mapping[str, Record]:
        return {record.dicom_id: record for record in reversed(self._records)}

    @cached_property
    def _folders(self) -> Mapping[str, Path]:
        return {record.reading: self._sources.folder(record) for record in self._records}

    @cached_property
    def _films(self) -> Films:
        return self._sources.films([image_path(r) for r in self._first_records.values()])

    @cached_property
    def _cases(self) -> Sequence[Case]:
        usable: dict[str, list[Record]] = {}
        for record in self._records:
            if not record.is_discarded:
                usable.setdefault(record.dicom_id, []).append(record)
        if not usable:
            raise DataError(
                f"no usable reading in {self._sources.place}: "
                f"all of {len(self._records)} are discarded",
                do="ask for other phases: --dataset-option phases=1,2,3",
            )
        views = read_views(self._sources.film_table, usable)
        return tuple(self._case(group, views.get(key)) for key, group in usable.items())

    def _case(self, group: Sequence[Record], view: str | None) -> Case:
        first = group[0]
        attributes: dict[str, AttributeValue] = {
            "phase": first.phase,
            "split": first.split,
            "study_id": first.study,
        }
        if view:
            attributes["view"] = view
        return Case(
            id=first.dicom_id,
            size=first.size,
            readings=tuple(self._reading(record) for record in group),
            expected_readings=READINGS_PER_IMAGE[first.phase],
            subject=first.subject,
            attributes=attributes,
            has_image=self._films.path(image_path(first)) is not None,
        )

    def _reading(self, record: Record) -> Reading:
        folder = self._folder(record.reading)
        return Reading(
            id=record.reading,
            findings=record.findings,
            ellipses=read_ellipses(require_table(folder, ELLIPSE_FILE), record.phase),
            chest_box=read_box(require_table(folder, BOX_FILE)),
        )

    def _folder(self, reading: str) -> Path:
        return self._folders[reading]


def contradictions(found: Iterable[Record]) -> Iterator[DataError]:
    """Yield an error for every row that contradicts an earlier one.

    A reading's id is unique; an image lies in one phase, with one size, subject and split.
    """
    first_by_image: dict[str, Record] = {}
    by_reading: dict[str, Record] = {}
    for record in found:
        if record.reading in by_reading:
            earlier = by_reading[record.reading].row
            yield record.row.refuse(f"reading {record.reading} is in row {earlier.number} too")
        by_reading.setdefault(record.reading, record)
        first = first_by_image.setdefault(record.dicom_id, record)
        for what in ("phase", "size", "subject", "split", "study"):
            now, before = getattr(record, what), getattr(first, what)
            if now != before:
                yield record.row.refuse(
                    f"image {record.dicom_id} has {what} {_plain(now)}, but {_plain(before)} in "
                    f"{first.row.file.name}:{first.row.number}"
                )


def _plain(value: object) -> str:
    return " x ".join(map(str, value)) if isinstance(value, tuple) else str(value)
