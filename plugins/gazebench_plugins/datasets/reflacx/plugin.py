"""The `reflacx` dataset: its options, and what they open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gazebench.spec import OpenDataset, Problem, TrainingData, dataset
from gazebench_plugins.datasets.reflacx.sources import make_sources


def _validate(
    root: Path | None,
    *,
    images: str = "",
    phases: str = "1,2",
    tables: str = "",
    labels: str = "chexpert",
) -> Iterator[Problem]:
    """Yield everything wrong with the files, in every phase that is there."""
    from gazebench_plugins.datasets.reflacx.validation import problems

    sources = make_sources(root, images=images, phases=phases, tables=tables, labels=labels)
    return problems(sources)


def _training(
    root: Path | None,
    *,
    images: str = "",
    phases: str = "1,2",
    tables: str = "",
    labels: str = "chexpert",
) -> TrainingData:
    """Open MIMIC-CXR-JPG for training, REFLACX's patients moved to the test split."""
    from gazebench_plugins.datasets.reflacx.training import MimicTraining

    sources = make_sources(root, images=images, phases=phases, tables=tables, labels=labels)
    return MimicTraining(sources)


@dataset(
    title="REFLACX with MIMIC-CXR: chest films read by radiologists under an eye tracker",
    reference="Bigolin Lanfredi et al., Scientific Data 9:350, 2022; "
    "Johnson et al., arXiv 1901.07042, 2019",
    restricted=True,
    validate=_validate,
    training=_training,
)
def reflacx(
    root: Path | None,
    /,
    *,
    images: str = "",
    phases: str = "1,2",
    tables: str = "",
    labels: str = "chexpert",
) -> OpenDataset:
    """Open REFLACX.

    `root` holds REFLACX, at any depth a download adds, and perhaps MIMIC-CXR beside it. `images`
    holds MIMIC-CXR-JPG, or the DICOM release; without it films are looked for below `root`, and
    where there are none the cases have gaze only. `phases` are separated by commas. `tables` holds
    MIMIC-CXR-JPG's tables where they are not beside the films. `labels` (chexpert or negbio) is the
    table that classifiers are trained on.

    Raises:
        DataError: REFLACX, or the films asked for, are not there.
        UsageError: an option makes no sense.
    """
    from gazebench_plugins.datasets.reflacx.opened import OpenReflacx

    sources = make_sources(root, images=images, phases=phases, tables=tables, labels=labels)
    opened = OpenReflacx(sources)
    opened.cases()  # what is wrong with root or images is told at once
    return opened
