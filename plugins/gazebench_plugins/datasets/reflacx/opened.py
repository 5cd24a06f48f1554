"""REFLACX opened: cases from the metadata tables, gaze and films when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gazebench.errors import DataError
from gazebench.spec import Case, Fixations, Reading
from gazebench.spec.values import AttributeValue
from gazebench_plugins.datasets.digest import add_file, add_text
from gazebench_plugins.datasets.reflacx.columns import READINGS_PER_IMAGE
from gazebench_plugins.datasets.reflacx.films import read_film
from gazebench_plugins.datasets.reflacx.layout import ImageTree, choose_tree
from gazebench_plugins.datasets.reflacx.metadata import (
    Record,
    image_path,
    read_metadata,
    records,
)
from gazebench_plugins.datasets.reflacx.mimic_tables import read_columns
from gazebench_plugins.datasets.reflacx.readings import (
    BOX_FILE,
    ELLIPSE_FILE,
    FIXATION_FILE,
    read_box,
    read_ellipses,
    read_fixations,
    require_table,
)
from gazebench_plugins.datasets.reflacx.sources import Sources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_READING_FILES = (FIXATION_FILE, ELLIPSE_FILE, BOX_FILE)


class OpenReflacx:
    """REFLACX with MIMIC-CXR films, or without: then its cases have gaze only.

    Discarded readings are left out and count in `Case.expected_readings`; an image none of whose
    readings is usable is left out. Cases come in the order of the tables, phase by phase.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def cases(self) -> Sequence[Case]:
        """Return every image with at least one usable reading."""
        return self._cases

    def fixations(self, case: Case, reading: Reading) -> Fixations:
        """Return one reading's fixations."""
        return read_fixations(require_table(self._folder(reading.id), FIXATION_FILE), case.size)

    def image(self, case: Case) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a film's pixels, [H, W]."""
        tree = self._tree
        if tree is None:
            raise DataError(
                f"case {case.id}: no films are at hand",
                do="pass --dataset-option images=FOLDER, the folder of MIMIC-CXR-JPG",
            )
        return read_film(tree.file(image_path(self._first_records[case.id])), case.size)

    def fingerprint(self) -> str:
        """Return a SHA-256 over the metadata and every used reading's files, decompressed."""
        digest = hashlib.sha256()
        for phase in self._sources.phases:
            add_file(digest, f"phase {phase}", self._sources.require_metadata(phase))
        for case in self._cases:
            add_text(digest, case.id, str(case.attributes.get("view", "")))
            for reading in case.readings:
                for stem in _READING_FILES:
                    path = require_table(self._folder(reading.id), stem)
                    add_file(digest, f"{reading.id}/{stem}", path)
        return digest.hexdigest()

    @cached_property
    def _records(self) -> Sequence[Record]:
        found: list[Record] = []
        for phase in self._sources.phases:
            table = read_metadata(self._sources.require_metadata(phase), phase)
            found.extend(records(table, phase))
        for problem in contradictions(found):
            raise problem
        return found

    @cached_property
    def _first_records(self) -> Mapping[str, Record]:
        return {record.dicom_id: record for record in reversed(self._records)}

    @cached_property
    def _tree(self) -> ImageTree | None:
        trees = self._sources.trees
        tree = choose_tree(trees, [image_path(r) for r in self._first_records.values()])
        if self._sources.images is not None:
            self._require_films(tree, trees[0])
        return tree

    @cached_property
    def _cases(self) -> Sequence[Case]:
        usable: dict[str, list[Record]] = {}
        for record in self._records:
            if not record.is_discarded:
                usable.setdefault(record.dicom_id, []).append(record)
        if not usable:
            raise DataError(
                f"no usable reading in {self._sources.main_data}: "
                f"all of {len(self._records)} are discarded",
                do="ask for other phases: --dataset-option phases=1,2,3",
            )
        views = self._views(usable)
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
            has_image=self._tree is not None and self._tree.file(image_path(first)).is_file(),
        )

    def _reading(self, record: Record) -> Reading:
        folder = self._folder(record.reading)
        return Reading(
            id=record.reading,
            findings=record.findings,
            ellipses=read_ellipses(require_table(folder, ELLIPSE_FILE), record.phase),
            chest_box=read_box(require_table(folder, BOX_FILE)),
        )

    def _views(self, wanted: Iterable[str]) -> Mapping[str, str]:
        path = self._sources.view_table
        if path is None:
            return {}
        ids = frozenset(wanted)
        rows = read_columns(path, ("dicom_id", "ViewPosition"))
        return {dicom_id: view for _, (dicom_id, view) in rows if dicom_id in ids}

    def _require_films(self, tree: ImageTree | None, given: Path) -> None:
        tree = tree or ImageTree(given, ".jpg")
        paths = [tree.file(image_path(r)) for r in self._first_records.values()]
        missing = [path for path in paths if not path.is_file()]
        if missing:
            raise DataError(
                f"{len(missing)} of {len(paths)} films are missing under {tree.folder}, "
                f"the first is {missing[0].relative_to(tree.folder)}",
                do="download them, or pass another folder as images; without images, "
                "whatever needs no pixels can be scored",
            )

    def _folder(self, reading: str) -> Path:
        return self._sources.main_data / reading


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
