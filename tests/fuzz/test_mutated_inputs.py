"""Thousands of damaged inputs: each is refused by an error of ours, or means something finite.

Every kind of file that GazeBench reads is taken as it is written by itself and damaged at random
places, from a fixed seed. No other exception may come out, and no number that is none.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from dicom_files import RAMP, write_dicom
from gazebench.engine.config import RunConfig, config_from_json, read_config
from gazebench.engine.progress import read_goal
from gazebench.errors import GazeBenchError
from gazebench.leaderboard.run_record import read_run_record
from gazebench.leaderboard.table_file import read_table
from gazebench.precomputed.opening import open_maps
from gazebench.publish.board_file import read_board
from gazebench.publish.case_scores_file import read_case_scores
from gazebench.publish.record_file import read_record
from gazebench.spec.values import Case, Reading, Size
from gazebench_plugins.datasets.phantom.dataset import synthesize
from gazebench_plugins.datasets.reflacx import readings
from gazebench_plugins.datasets.reflacx.films import film_size, read_film
from gazebench_plugins.datasets.reflacx.metadata import read_metadata, records
from mutations import mutated

LEADERBOARDS = Path(__file__).parents[2] / "leaderboards"
SIZE = Size(220, 200)
EACH = 800  # of every kind
FOLDERS = {"goal": "cache", "board": "phantom"}


class Input(NamedTuple):
    """A kind of input: a genuine one, the name it is written under, and who reads it."""

    genuine: bytes
    name: str
    read: Callable[[Path], object]


def fixations(path: Path) -> object:
    found = readings.read_fixations(path, SIZE)
    for values in (found.x, found.y, found.start_s, found.end_s, found.sigma_x, found.sigma_y):
        assert np.isfinite(values).all()
    assert (found.end_s >= found.start_s).all()
    assert (found.sigma_x > 0).all()
    return found


def box(path: Path) -> object:
    found = readings.read_box(path)
    assert all(map(math.isfinite, found))
    return found


def metadata(path: Path) -> object:
    return list(records(read_metadata(path, 1), 1))


def film(path: Path) -> object:
    found = read_film(path, film_size(path))
    assert found.ndim == 2
    assert found.dtype in (np.uint8, np.uint16)
    return found


def configuration(path: Path) -> object:
    found = read_config(path.read_text("utf-8", "surrogateescape"), path)
    assert config_from_json(found.as_json()) == found
    assert isinstance(found, RunConfig)
    return found


def maps(path: Path) -> object:
    reading = Reading(id="r", chest_box=None)
    case = Case(id="a", size=SIZE, readings=(reading,), expected_readings=1)
    (entry, *_) = open_maps((path.parent,), (case,), (case,))
    for stored in entry.maps.values():
        values = stored.values()
        assert values.dtype == np.float32
        assert values.shape == tuple(stored.shape)
    return entry


def board(path: Path) -> object:
    return read_board(path.parent)


def run_record(path: Path) -> object:
    found = read_run_record(path.parent)
    if found is not None:
        _ = found.command, found.is_finished, found.is_restricted, found.versions, found.notices
    return found


def goal(path: Path) -> object:
    return read_goal(path.parent.parent)


def saved(array: np.ndarray, how: str) -> bytes:
    file = io.BytesIO()
    if how == "npy":
        np.save(file, array)
    elif how == "npz":
        np.savez(file, a=array)
    else:
        Image.fromarray((255 * array).astype(np.uint8)).save(file, how)
    return file.getvalue()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Input]:
    """Return every kind of input, as GazeBench writes it."""
    data = tmp_path_factory.mktemp("fuzz") / "data"
    synthesize(data, cases=3, size=SIZE, seed=1)

    def of(pattern: str) -> bytes:
        return max(data.rglob(pattern), key=lambda path: path.stat().st_size).read_bytes()

    array = np.random.default_rng(0).random((14, 12)).astype(np.float32)
    phantom = LEADERBOARDS / "phantom"
    record = (LEADERBOARDS / "reflacx" / "records" / "bigolin-lanfredi-2021.json").read_bytes()
    toml = b"""dataset = "phantom"
models = ["sononet", "timm/resnet50:weights=none"]
methods = ["gradcam"]
metrics = ["ncc", "nss"]
seeds = [0, 1]
batch = 4
resamples = 500
min_readings = 3
subsets = ["large=area > 0.2"]
centre_bias = "loio"

[dataset_options]
cases = 12
size = "640x528"
"""
    scores = b"entry,case,metric,value\n" + b"".join(
        b"e%d,c%d,ncc,%.3f\n" % (n % 3, n // 3, n / 40) for n in range(30)
    )
    listed = b"""[[entries]]
name = "mine"
title = "My maps"
covers = "image"
"""
    manifest = b"""{"status": "finished", "command": ["gazebench", "run"], "config": {"batch": 8},
"dataset": {"name": "phantom", "restricted": false}, "versions": {"numpy": "2.0"}, "notices": []}"""
    aim = b"""{"format": 1, "cache": "/tmp", "shards": [["abc", 8]],
"columns": {"k": ["entry", 0, "ncc"]}, "parts": {"k": {"harness": "1"}}}"""
    write_dicom(data / "film.dcm", RAMP)
    return {
        "dicom": Input(of("film.dcm"), "film.dcm", film),
        "fixations": Input(of("fixations.csv"), "fixations.csv", fixations),
        "box": Input(of("chest_bounding_box.csv"), "chest_bounding_box.csv", box),
        "ellipses": Input(
            of("anomaly_location_ellipses.csv"),
            "anomaly_location_ellipses.csv",
            lambda path: readings.read_ellipses(path, 2),
        ),
        "words": Input(
            of("timestamps_transcription.csv"),
            "timestamps_transcription.csv",
            readings.read_words,
        ),
        "metadata": Input(of("metadata_phase_1.csv"), "metadata_phase_1.csv", metadata),
        "jpeg": Input(of("*.jpg"), "film.jpg", film),
        "png": Input(saved(array.repeat(8, 0).repeat(8, 1), "png"), "film.png", film),
        "npy": Input(saved(array, "npy"), "a.npy", maps),
        "npz": Input(saved(array, "npz"), "a.npz", maps),
        "png map": Input(saved(array, "png"), "a.png", maps),
        "maps.toml": Input(listed, "maps.toml", maps),
        "toml": Input(toml, "run.toml", configuration),
        "record": Input(record, "bigolin-lanfredi-2021.json", read_record),
        "case scores": Input(
            (phantom / "records" / "default-run.cases.json").read_bytes()[:60_000],
            "default-run.cases.json",
            read_case_scores,
        ),
        "board": Input((phantom / "board.json").read_bytes(), "board.json", board),
        "scores": Input(scores, "scores.csv", read_table),
        "manifest": Input(manifest, "manifest.json", run_record),
        "goal": Input(aim, "goal.json", goal),
    }


KINDS = (
    "fixations", "box", "ellipses", "words", "metadata", "jpeg", "png", "dicom", "npy", "npz",
    "png map", "maps.toml", "toml", "record", "case scores", "board", "scores", "manifest", "goal",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_refused_or_means_something(
    inputs: Mapping[str, Input], kind: str, tmp_path: Path
) -> None:
    one, rng = inputs[kind], random.Random(kind)
    folder = tmp_path / FOLDERS.get(kind, "files")
    folder.mkdir()
    if kind == "maps.toml":
        np.save(folder / "a.npy", np.eye(4))
    path = folder / one.name
    path.write_bytes(one.genuine)
    if kind != "case scores":  # cut short, that others are quicker
        one.read(path)
    refused, meant = 0, 0
    for number in range(EACH):
        content = mutated(one.genuine, rng)
        path.write_bytes(content)
        try:
            one.read(path)
            meant += 1
        except GazeBenchError as error:
            refused += bool(error.message)
        except Exception as error:
            raise AssertionError(f"number {number} of {kind}: {content[:300]!r}") from error
    assert refused + meant == EACH
    assert refused


def test_there_are_ten_thousand() -> None:
    assert len(KINDS) * EACH >= 10_000
