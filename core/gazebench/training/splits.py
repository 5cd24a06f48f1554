"""A dataset's labelled images, checked before any pixel is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gazebench.errors import DataError
from gazebench.spec.contracts import TrainingSample

if TYPE_CHECKING:
    from gazebench.spec.contracts import TrainingData

SPLITS = ("train", "validate", "test")
_DO = "`gazebench dataset validate` examines a dataset's files"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Splits:
    """Labels [images, labels] of every sample, and the rows of each split, in a fixed order."""

    class_names: tuple[str, ...]
    samples: Sequence[TrainingSample]
    labels: NDArray[np.float32]
    train: NDArray[np.int64]
    validate: NDArray[np.int64]
    test: NDArray[np.int64]

    @property
    def untrainable(self) -> tuple[str, ...]:
        """The labels without a positive, or without a negative, in the training split."""
        counts = self.labels[self.train].sum(axis=0)
        is_constant = (counts == 0) | (counts == len(self.train))
        return tuple(np.array(self.class_names, dtype=object)[is_constant])


def read_splits(data: TrainingData) -> Splits:
    """Read and check every sample.

    Raises:
        DataError: an empty split, no positive label to learn, a subject in two splits, an id given
            twice, or labels that are not one 0 or 1 per class.
    """
    samples = tuple(data.samples())
    class_names = tuple(data.class_names)
    _check_samples(samples, class_names)
    labels = np.array([sample.labels for sample in samples], dtype=np.float32)
    rows = {name: _rows(samples, name) for name in SPLITS}
    for name in ("train", "validate"):
        if not labels[rows[name]].any():
            raise DataError(f"no image of the split {name} has a positive label", do=_DO)
    return Splits(class_names=class_names, samples=samples, labels=labels, **rows)


def _check_samples(samples: Sequence[TrainingSample], class_names: Sequence[str]) -> None:
    splits: dict[str, str] = {}
    seen: set[str] = set()
    for sample in samples:
        _check_labels(sample, class_names)
        if sample.id in seen:
            raise DataError(f"two labelled images are called {sample.id}", do=_DO)
        seen.add(sample.id)
        before = splits.setdefault(sample.subject, sample.split)
        if before != sample.split:
            raise DataError(
                f"subject {sample.subject} is in the splits {before} and {sample.split}",
                do="give every subject one split, or a test score says nothing",
            )


def _check_labels(sample: TrainingSample, class_names: Sequence[str]) -> None:
    if sample.split not in SPLITS:
        raise DataError(
            f"image {sample.id}: the split must be {', '.join(SPLITS)}, found {sample.split!r}",
            do=_DO,
        )
    if len(sample.labels) != len(class_names):
        raise DataError(
            f"image {sample.id} has {len(sample.labels)} labels, expected {len(class_names)}",
            do=_DO,
        )
    if not all(value in (0.0, 1.0) for value in sample.labels):
        raise DataError(
            f"image {sample.id}: labels must be 0 or 1, found {tuple(sample.labels)}", do=_DO
        )


def _rows(samples: Sequence[TrainingSample], split: str) -> NDArray[np.int64]:
    rows = [row for row, sample in enumerate(samples) if sample.split == split]
    if not rows:
        raise DataError(
            f"no labelled image is in the split {split}, of {len(samples)} in all",
            do="a training needs images to train on, to validate with and to test with",
        )
    return np.array(rows, dtype=np.int64)
