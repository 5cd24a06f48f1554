"""Datasets and folders of maps with one damaged file: refused by an error of ours, or used."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from dataset_files import WRITTEN
from gazebench.engine.looked import Looked
from gazebench.errors import GazeBenchError, NoGazeError
from gazebench.precomputed.opening import open_maps
from gazebench.registry.host import Host
from gazebench.spec.contracts import OpenDataset, Problem
from gazebench.spec.descriptors import Dataset
from map_folders import EXACT, some_cases
from mutations import mutated

EACH = 120  # of every dataset and of every format of maps


def use_dataset(name: str, root: Path) -> None:
    """Ask a dataset for everything that a run asks for, and its checks for every fault."""
    plugin = Host(()).get("dataset", name, {})
    assert isinstance(plugin.descriptor, Dataset)
    if plugin.descriptor.validate is not None:
        assert all(isinstance(one, Problem) for one in plugin.descriptor.validate(root))
    dataset: OpenDataset = plugin.call(root)
    for case in dataset.cases():
        assert min(case.size) > 0
        for reading in case.readings:
            looked = Looked(dataset=dataset, case=case, reading=reading)
            _ = looked.words(), looked.regions()
            with suppress(NoGazeError):
                assert len(looked.fixations()) >= 0
        if case.has_image:
            assert dataset.image(case).shape[:2] == tuple(case.size)


def use_maps(folder: Path) -> None:
    cases = some_cases("a", "b")
    for entry in open_maps((folder,), cases, cases):
        for stored in entry.maps.values():
            assert stored.values().shape == tuple(stored.shape)


def damage_and_use(root: Path, use: Callable[[Path], None], rng: random.Random) -> int:
    """Damage one file after the other, each from its genuine content; count the refusals."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    refused = 0
    for number in range(EACH):
        path = rng.choice(files)
        genuine = path.read_bytes()
        content = mutated(genuine, rng)
        path.write_bytes(content)
        try:
            use(root)
        except GazeBenchError as error:
            refused += bool(error.message)
        except Exception as error:
            raise AssertionError(f"number {number}, {path.name}: {content[:300]!r}") from error
        path.write_bytes(genuine)
    use(root)
    return refused


@pytest.mark.parametrize("name", WRITTEN)
def test_a_dataset_with_a_damaged_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    root = WRITTEN[name](tmp_path / "data")

    refused = damage_and_use(root, lambda at: use_dataset(name, at), random.Random(name))

    assert 0 < refused < EACH


@pytest.mark.parametrize("form", EXACT)
def test_a_folder_of_maps_with_a_damaged_file(form: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    maps: Mapping[str, np.ndarray] = {case: rng.random((12, 16)) for case in ("a", "b")}
    EXACT[form](tmp_path / "maps", maps)

    refused = damage_and_use(tmp_path / "maps", use_maps, random.Random(form))

    assert 0 < refused < EACH
