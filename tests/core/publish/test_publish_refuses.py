"""`gazebench publish` on runs in which something was hidden."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import plants
from commands import gazebench, refused

RNG = random.Random(5)
PACKED = plants.packed(RNG)
OTHER = "0badcafe-01234567-89abcdef-0f1e2d3c-deadbeef"


def note(run: Path, text: str) -> None:
    """Add a notice to a run's manifest."""
    content = json.loads((run / "manifest.json").read_text())
    content["notices"].append(text)
    (run / "manifest.json").write_text(json.dumps(content))


def reason(run: Path, text: str) -> None:
    """Give a row of a run's scores a reason."""
    cell(run, "reason", text)


def cell(run: Path, column: str, text: str) -> None:
    """Change the first cell of a column of a run's scores."""
    table = pq.read_table(run / "scores.parquet")
    values = table.column(column).to_pylist()
    values[0] = text
    index = table.schema.get_field_index(column)
    made = table.set_column(index, table.schema.field(column), pa.array(values, pa.string()))
    pq.write_table(made, run / "scores.parquet")


@pytest.fixture
def run(genuine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(genuine, tmp_path / "mine"))


@pytest.mark.parametrize(
    ("hide", "said"),
    [
        (
            lambda run: (run / "film.dcm").write_bytes(PACKED["DICOM"]),
            "film.dcm: is no file that a run writes; it is a DICOM file",
        ),
        (
            lambda run: (run / "costs.csv").write_bytes(PACKED["PNG"]),
            "costs.csv: is a PNG picture",
        ),
        (
            lambda run: (run / "plane.svg").write_bytes(PACKED["npy"]),
            "plane.svg: is a numpy array",
        ),
        (
            lambda run: (run / "leaderboard.md").write_bytes(PACKED["pickle"]),
            "leaderboard.md: is a Python pickle",
        ),
        (
            lambda run: note(run, f"see {OTHER}"),
            "manifest.json: notices[8]: an image id of MIMIC-CXR",
        ),
        (
            lambda run: note(run, "p10000032"),
            "manifest.json: notices[8]: a subject number of MIMIC-CXR",
        ),
        (
            lambda run: reason(run, plants.SENTENCES[1]),
            "scores.parquet: reason, row 1: a sentence of a radiology report",
        ),
    ],
)
def test_nothing_is_published_of_a_run_with_something_hidden_in_it(
    run: Path, tmp_path: Path, hide: Callable[[Path], object], said: str
) -> None:
    hide(run)

    code, message = refused("publish", run, "--to", tmp_path / "boards")

    assert code == 6
    assert said in " ".join(message.split())
    assert OTHER not in message
    assert not (tmp_path / "boards").exists()


def test_of_ids_where_they_belong_nothing_is_published(run: Path, tmp_path: Path) -> None:
    """A case's own name and a file in the cache may stay: neither gets into any file."""
    cell(run, "reading", "P102R472132")
    (run / "cache" / "film.dcm").write_bytes(PACKED["DICOM"])
    table = pq.read_table(run / "scores.parquet")
    own = {
        str(one)
        for name in ("case", "reading", "cluster")
        for one in table[name].to_pylist()
        if one
    }

    done = gazebench("publish", run, "--to", tmp_path / "boards")

    assert done.returncode == 0, done.stderr
    assert "Not compared" not in done.stderr
    files = [path for path in (tmp_path / "boards").rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert b"DICM" not in content
        assert not any(one.encode() in content for one in own), path


def test_a_dataset_that_is_not_there_is_told(run: Path, tmp_path: Path) -> None:
    content = json.loads((run / "manifest.json").read_text())
    content["config"]["data_root"] = str(tmp_path / "gone")
    (run / "manifest.json").write_text(json.dumps(content))

    done = gazebench("publish", run, "--to", tmp_path / "boards", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "Not compared with the dataset's transcripts and images: the dataset" in done.stderr


def test_a_dataset_cannot_name_another_folder(run: Path, tmp_path: Path) -> None:
    content = json.loads((run / "manifest.json").read_text())
    content["dataset"]["name"] = "../elsewhere"
    (run / "manifest.json").write_text(json.dumps(content))

    code, message = refused("publish", run, "--to", tmp_path / "boards")

    assert code == 6
    assert "no board can be called as the dataset is: '../elsewhere'" in message
