"""A run's own data, from its scores and from its dataset where that can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.engine.config import RunConfig
from gazebench.engine.datasets import open_dataset
from gazebench.errors import GazeBenchError
from gazebench.leaderboard.run_record import RunRecord
from gazebench.publish.scan_own import OwnData, ids_of_scores, own_data
from gazebench.publish.scan_pictures import thumbnails
from gazebench.registry.host import Host
from gazebench.spec.contracts import HasWords, OpenDataset
from gazebench.spec.values import Case


def own_data_of(run: RunRecord | None, scores: Any) -> OwnData:
    """Return what no published text or picture of a run may repeat.

    `scores` is its table of score rows. What of its dataset cannot be opened again is told in
    `OwnData.unseen`.
    """
    ids, cases = ids_of_scores(scores), frozenset(scores.column("case").to_pylist())
    config = _config(run)
    if config is None:
        return own_data(ids, unseen=("the run does not say how its dataset is opened",))
    try:
        _, dataset = open_dataset(config, Host(files=config.plugins))
        known = [case for case in dataset.cases() if case.id in cases]
        found = own_data(ids | set(_ids(known)), _transcripts(dataset, known))
    except (GazeBenchError, OSError) as error:
        said = str(error).splitlines()[0]
        return own_data(ids, unseen=(f"the dataset cannot be opened again: {said}",))
    return replace(found, thumbnails=cache(lambda: _thumbnails(dataset, known)))


def _config(run: RunRecord | None) -> RunConfig | None:
    """Return what of a run's configuration opens its dataset."""
    if run is None:
        return None
    root, options = run.setting("data_root", None), run.setting("dataset_options", {})
    name, files = run.setting("dataset", None), run.setting("plugins", [])
    if not isinstance(name, str) or not isinstance(options, Mapping) or not isinstance(files, list):
        return None
    return RunConfig(
        dataset=name,
        data_root=Path(root) if isinstance(root, str) else None,
        dataset_options={str(key): str(value) for key, value in options.items()},
        plugins=tuple(Path(str(file)) for file in files),
    )


def _ids(cases: Sequence[Case]) -> Iterator[str]:
    for case in cases:
        yield case.id
        yield from (reading.id for reading in case.readings)
        if case.subject is not None:
            yield case.subject


def _transcripts(dataset: OpenDataset, cases: Sequence[Case]) -> Iterator[str]:
    if not isinstance(dataset, HasWords):
        return
    for case in cases:
        for reading in case.readings:
            yield " ".join(word.text for word in dataset.words(case, reading))


def _thumbnails(dataset: OpenDataset, cases: Sequence[Case]) -> NDArray[np.float32]:
    """Return small copies of the images that can be read."""

    def images() -> Iterator[NDArray[Any]]:
        for case in cases:
            if case.has_image:
                yield dataset.image(case)

    return thumbnails(images())
