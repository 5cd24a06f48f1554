"""The first pass over a dataset: all of its gaze, summed up once and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gazebench.engine.keys import content_key
from gazebench.engine.opening import OpenedRun
from gazebench.engine.source import harness_hash
from gazebench.engine.store import make_folder, write_atomically
from gazebench.engine.targets import GazeSource, KeptGaze
from gazebench.errors import DataError
from gazebench.precomputed.values import damage_told

FOLDER = "gaze"


def prepared_source(
    opened: OpenedRun, folder: Path, *, on_case: Callable[[], None]
) -> tuple[GazeSource, frozenset[str]]:
    """Return a source that knows all of the gaze, and the readings without a density.

    What it knows is kept below `folder`, by the content of the dataset, for workers and for the
    next run. `on_case` hears of every case that had to be read.

    Raises:
        DataError: a fixation file is missing, empty or malformed.
        RunError: the folder cannot be written.
    """
    source = GazeSource(
        opened.dataset, recipe=opened.config.centre_bias, reference=opened.reference
    )
    file = folder / FOLDER / f"{_key(opened)}.npz"
    kept = _read(file)
    if kept is not None:
        source.restore(opened.cases, kept[0])
        return source, kept[1]
    without = source.readings_without_density(opened.cases, on_case=on_case)
    if opened.plugin.code_hash is not None and opened.reference.code_hash is not None:
        make_folder(file.parent)
        write_atomically(file, lambda path: _write(path, source.keep(), without))
    return source, without


def _key(opened: OpenedRun) -> str:
    content = [
        harness_hash(),
        opened.plugin.code_hash,
        opened.dataset.fingerprint(),
        opened.reference.label,
        opened.reference.code_hash,
        [case.id for case in opened.cases],
    ]
    return content_key(content)[:32]


def _write(path: Path, kept: KeptGaze, without: frozenset[str]) -> None:
    cases = list(kept.placed)
    lengths = [len(kept.placed[case]) for case in cases]
    about = json.dumps({"cases": cases, "lengths": lengths, "without": sorted(without)})
    placed = np.concatenate([*kept.placed.values(), np.empty((0, 2))])
    with path.open("wb") as file:
        np.savez(
            file,
            about=np.frombuffer(about.encode(), np.uint8),
            total=kept.total,
            counts=kept.counts,
            placed=placed,
        )


def _read(path: Path) -> tuple[KeptGaze, frozenset[str]] | None:
    """Return what is kept; None where there is nothing, or nothing whole: it is written anew."""
    try:
        with damage_told(path), np.load(path, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            ends = np.cumsum(about["lengths"])[:-1]
            placed = np.split(file["placed"], ends) if about["cases"] else []
            kept = KeptGaze(
                total=file["total"],
                counts=file["counts"],
                placed=dict(zip(about["cases"], placed, strict=True)),
            )
            return kept, frozenset(about["without"])
    except DataError:
        return None
