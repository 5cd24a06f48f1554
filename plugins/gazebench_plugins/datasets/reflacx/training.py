"""Labelled films of MIMIC-CXR-JPG to train classifiers on, as the paper's authors took them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from gazebench.errors import DataError
from gazebench.spec import TrainingSample
from gazebench_plugins.datasets.faults import BadFileError
from gazebench_plugins.datasets.reflacx.columns import METADATA as REFLACX_COLUMNS
from gazebench_plugins.datasets.reflacx.columns import PHASES
from gazebench_plugins.datasets.reflacx.films import read_film
from gazebench_plugins.datasets.reflacx.layout import ImageTree, choose_tree
from gazebench_plugins.datasets.reflacx.metadata import ImagePath
from gazebench_plugins.datasets.reflacx.mimic_tables import (
    CLASS_NAMES,
    METADATA,
    SPLIT,
    read_columns,
    require_mimic_table,
)
from gazebench_plugins.datasets.reflacx.sources import Sources
from gazebench_plugins.datasets.reflacx.tables import read_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRONTAL = frozenset({"PA", "AP"})
SPLITS = frozenset({"train", "validate", "test"})
PROTOCOL_PHASES = frozenset({1, 2})  # their patients are never trained on
TRIED_FILMS = 200  # enough to tell a folder with films from one without

# Positive is 1 alone: uncertain (-1), negated (0) and not mentioned (blank) count as negative.
_VALUES: Mapping[str, float] = {"1.0": 1.0, "1": 1.0, "0.0": 0.0, "0": 0.0, "-1.0": 0.0, "-1": 0.0}
_Labels: TypeAlias = tuple[float, ...]


class _Film(NamedTuple):
    place: ImagePath
    split: str


class MimicTraining:
    """Frontal films (PA and AP) with 14 labels each.

    A label is 1.0 only where the labeller's table says 1. Every patient of REFLACX's phases 1 and
    2, and of any other phase that was asked for, is moved to the test split. Studies without a row
    of labels are left out.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    @property
    def class_names(self) -> tuple[str, ...]:
        """The labels, in the order of MIMIC-CXR-JPG's table."""
        return CLASS_NAMES

    def samples(self) -> Sequence[TrainingSample]:
        """Return every sample, in the order of MIMIC-CXR-JPG's split table.

        Raises:
            DataError: a table is missing or malformed, or a patient is in two splits.
        """
        return self._samples

    def image(self, sample: TrainingSample) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a film's pixels, [H, W], of whatever size: resized copies may be trained on."""
        return read_film(self._tree.file(self._films[sample.id].place), None)

    @cached_property
    def _samples(self) -> Sequence[TrainingSample]:
        labels = self._labels
        moved = self._moved_subjects
        samples = [
            TrainingSample(
                id=film_id,
                subject=film.place.subject,
                split="test" if film.place.subject in moved else film.split,
                labels=labels[film.place.subject, film.place.study],
            )
            for film_id, film in self._films.items()
            if (film.place.subject, film.place.study) in labels
        ]
        if not samples:
            raise DataError(
                f"no frontal film with labels in {', '.join(map(str, self._tables))}",
                do="use the tables as distributed with MIMIC-CXR-JPG",
            )
        _check_subjects(samples)
        return samples

    @property
    def _tables(self) -> tuple[object, ...]:
        folders = self._sources.table_folders
        names = (SPLIT, METADATA, self._sources.labels)
        return tuple(require_mimic_table(folders, name) for name in names)

    @cached_property
    def _films(self) -> Mapping[str, _Film]:
        frontal = self._frontal
        path = require_mimic_table(self._sources.table_folders, SPLIT)
        films: dict[str, _Film] = {}
        columns = ("dicom_id", "study_id", "subject_id", "split")
        for row, (dicom_id, study, subject, split) in read_columns(path, columns):
            if split not in SPLITS:
                raise BadFileError(
                    path,
                    row,
                    f"split must be train, validate or test, found {split!r}",
                    do="use the table as distributed",
                )
            if dicom_id in frontal:
                place = ImagePath(subject, _number(study, path, row), dicom_id)
                films[dicom_id] = _Film(place, split)
        return films

    @cached_property
    def _frontal(self) -> frozenset[str]:
        path = require_mimic_table(self._sources.table_folders, METADATA)
        rows = read_columns(path, ("dicom_id", "ViewPosition"))
        return frozenset(dicom_id for _, (dicom_id, view) in rows if view in FRONTAL)

    @cached_property
    def _labels(self) -> Mapping[tuple[str, int], _Labels]:
        path = require_mimic_table(self._sources.table_folders, self._sources.labels)
        labels: dict[tuple[str, int], _Labels] = {}
        interned: dict[_Labels, _Labels] = {}  # few combinations, a quarter of a million studies
        for row, cells in read_columns(path, ("subject_id", "study_id", *CLASS_NAMES)):
            values = tuple(_label(cell, path, row) for cell in cells[2:])
            labels[cells[0], _number(cells[1], path, row)] = interned.setdefault(values, values)
        return labels

    @cached_property
    def _moved_subjects(self) -> frozenset[str]:
        return frozenset(self._reflacx_subjects())

    def _reflacx_subjects(self) -> Iterator[str]:
        for phase in PHASES:
            if phase in self._sources.phases:
                path = self._sources.require_metadata(phase)
            elif phase in PROTOCOL_PHASES and (found := self._sources.metadata(phase)):
                path = found
            else:
                continue
            for row in read_table(path, needs=REFLACX_COLUMNS).rows:
                yield str(row.integer("subject_id"))

    @cached_property
    def _tree(self) -> ImageTree:
        tried = [film.place for film in self._films.values()][:TRIED_FILMS]
        tree = choose_tree(self._sources.trees, tried)
        if tree is None:
            where = self._sources.images or self._sources.root
            raise DataError(
                f"none of the first {len(tried)} films of the split table lies under {where}",
                do="pass the folder of MIMIC-CXR-JPG: --dataset-option images=FOLDER",
            )
        return tree


def _check_subjects(samples: Sequence[TrainingSample]) -> None:
    splits: dict[str, str] = {}
    for sample in samples:
        before = splits.setdefault(sample.subject, sample.split)
        if before != sample.split:
            raise DataError(
                f"subject {sample.subject} is in the splits {before} and {sample.split}",
                do="use the split table as distributed with MIMIC-CXR-JPG",
            )


def _number(text: str, path: object, row: int) -> int:
    try:
        return int(text.removesuffix(".0"))
    except ValueError:
        raise DataError(
            f"{path}:{row}: study_id must be a whole number, found {text!r}",
            do="use the table as distributed",
        ) from None


def _label(text: str, path: object, row: int) -> float:
    if not text:
        return 0.0
    if text not in _VALUES:
        raise DataError(
            f"{path}:{row}: a label must be 1, 0, -1 or blank, found {text!r}",
            do="use the table as distributed",
        )
    return _VALUES[text]
