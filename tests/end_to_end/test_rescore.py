"""Kept maps are scored without what made them, to the same bytes."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from commands import gazebench, refused
from gazebench.cli.app import make_app
from gazebench.engine.keys import content_key
from gazebench.engine.map_store import MapStore
from gazebench.engine.maps import BornMap
from gazebench.errors import GazeBenchError

FILES = (
    "scores.parquet", "leaderboard.json", "leaderboard.csv", "leaderboard.md", "leaderboard.tex",
    "costs.csv", "checks.csv", "subsets.json",
)  # fmt: skip
ASKED = ("--floor", "uniform", "--floor", "centre_bias", "--min-readings", "3", "--seed", "0",
         "--seed", "1")  # fmt: skip
PLUGINS = """
from gazebench import image_method, metric
import numpy as np

@image_method()
def edges(image):
    if int(image.sum()) % 2:
        raise ValueError("odd, that")
    return np.abs(np.gradient(image)[0])

@metric(needs={"reference"}, range=(0, float("inf")), higher_is_better=True, chance=None, version=1)
def largest(scored, target):
    return np.full(len(target.references), scored.values.max())
"""
USAGE, DATA, RUN = 2, 3, 5


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rescore") / "data"
    made = gazebench(
        "dataset", "synthesize", "--cases", "10", "--size", "220x200", "--seed", "3",
        "--out", folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def kept(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of a network, an attention map and two seeds that kept its maps."""
    folder = tmp_path_factory.mktemp("rescore") / "kept"
    done = gazebench(
        "run", "--data-root", data, "--model", "ag_sononet", "--method", "gradcam",
        "--method", "attention:gate=1", "--mixing", "uniform", "--mixing", "max", *ASKED,
        "--keep-maps", "--out", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_kept_maps_score_as_new_ones_do(kept: Path, tmp_path: Path) -> None:
    done = gazebench("rescore", kept, "--out", tmp_path / "again")

    assert done.returncode == 0, done.stderr
    assert results(tmp_path / "again") == results(kept)


def test_rescoring_says_what_made_the_maps(kept: Path, tmp_path: Path) -> None:
    gazebench("rescore", kept, "--out", tmp_path / "again")

    before, after = (
        json.loads((folder / "manifest.json").read_text()) for folder in (kept, tmp_path / "again")
    )
    for key in ("plugins", "weights", "entries", "notices", "not_applicable", "maps", "dataset"):
        assert after[key] == before[key], key


def test_another_metric_is_that_of_a_whole_run(kept: Path, data: Path, tmp_path: Path) -> None:
    whole = gazebench(
        "run", "--data-root", data, "--model", "ag_sononet", "--method", "gradcam",
        "--method", "attention:gate=1", "--mixing", "uniform", "--mixing", "max", *ASKED,
        "--metric", "nss", "--metric", "kl", "--out", tmp_path / "whole",
    )  # fmt: skip
    assert whole.returncode == 0, whole.stderr

    done = gazebench("rescore", kept, "--metric", "nss", "--metric", "kl", "--out", tmp_path / "r")

    assert done.returncode == 0, done.stderr
    for name in ("scores.parquet", "leaderboard.csv", "leaderboard.md"):
        assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_run_takes_its_kept_maps_for_another_metric(kept: Path, tmp_path: Path) -> None:
    """Maps are marked on disk; the scores of the new metric say which were taken."""
    folder = tmp_path / "run"
    shutil.copytree(kept, folder)
    held = json.loads((folder / "manifest.json").read_text())["config"]
    for file in (folder / "cache" / "maps").glob("*/*.npz"):
        with np.load(file) as arrays:
            found = dict(arrays)
        store, name = MapStore(file.parents[1]), (file.parent.name, file.stem)
        about = store.of(*name)
        assert about is not None
        marked = {
            case: BornMap(values=np.full_like(found[str(number)], 7), placement=one.placement)
            for number, (case, one) in enumerate(about.maps.items())
        }
        store.add(*name, marked)
    (folder / "largest.py").write_text(PLUGINS)

    done = gazebench(
        "run", "--data-root", held["data_root"], "--model", "ag_sononet", "--method", "gradcam",
        "--method", "attention:gate=1", "--mixing", "uniform", "--mixing", "max", *ASKED,
        "--metric", "largest", "--plugin", folder / "largest.py",
        "--cache", folder / "cache", "--out", tmp_path / "other",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    scores = pd.read_parquet(tmp_path / "other" / "scores.parquet")
    of_models = scores[
        scores["entry"].str.startswith("ag_sononet") & (scores["metric"] == "largest")
    ]
    assert len(of_models)
    assert set(of_models["value"]) == {7.0}


def test_a_map_that_failed_is_a_failure_again(data: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "edges.py"
    plugin.write_text(PLUGINS)
    run = gazebench(
        "run", "--data-root", data, "--method", "edges", "--plugin", plugin, "--metric", "ncc",
        "--floor", "uniform", "--min-readings", "3", "--keep-maps", "--out", tmp_path / "run",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    statuses = set(pd.read_parquet(tmp_path / "run" / "scores.parquet")["status"])
    assert {"ok", "failed"} <= statuses

    plugin.write_text(PLUGINS.replace("% 2", ">= 0"))
    done = gazebench("rescore", tmp_path / "run", "--out", tmp_path / "again")

    assert done.returncode == 0, done.stderr
    assert results(tmp_path / "again") == results(tmp_path / "run")


def test_a_run_without_kept_maps_is_refused(kept: Path, tmp_path: Path) -> None:
    gazebench("rescore", kept, "--out", tmp_path / "again")

    code, said = refused("rescore", tmp_path / "again", "--out", tmp_path / "x")

    assert code == RUN
    assert "keeps no maps" in said


@pytest.mark.parametrize("harm", ["removed", "torn"])
def test_maps_that_are_not_whole_are_refused(kept: Path, tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(kept, folder)
    first = min((folder / "cache" / "maps").glob("*/*.npz"))
    if harm == "removed":
        first.unlink()
    else:
        first.write_bytes(first.read_bytes()[:500])

    code, said = refused("rescore", folder, "--out", tmp_path / "x")

    assert code == RUN
    assert "does not keep all maps of ag_sononet" in said
    assert "--keep-maps" in said


def test_other_images_than_were_explained_are_refused(
    kept: Path, data: Path, tmp_path: Path
) -> None:
    other = tmp_path / "data"
    shutil.copytree(data, other)
    file = min(one for one in other.rglob("*") if one.suffix in {".jpg", ".png"})
    several = sorted(one for one in other.rglob("*") if one.suffix == file.suffix)
    file.write_bytes(several[1].read_bytes())

    code, said = refused("rescore", kept, "--data-root", other, "--out", tmp_path / "x")

    assert code == DATA
    assert "is not the one that" in said


def test_the_folder_is_named_after_what_is_computed(kept: Path) -> None:
    done = gazebench("rescore", kept, "--metric", "ncc")

    assert done.returncode == 0, done.stderr
    found = [one for one in kept.parent.iterdir() if one.name.startswith("kept-")]
    assert len(found) == 1
    assert len(found[0].name) == len("kept-") + len(content_key("")[:8])


def test_maps_may_be_kept_of_what_is_scored_already(data: Path, tmp_path: Path) -> None:
    """As the advice says, where they were not kept, or are gone."""
    plugin, run = tmp_path / "edges.py", tmp_path / "run"
    plugin.write_text(PLUGINS)
    asked = ("run", "--data-root", data, "--method", "edges", "--plugin", plugin, "--metric", "ncc",
             "--floor", "uniform", "--min-readings", "3", "--out", run)  # fmt: skip
    plain = gazebench(*asked)
    before = (run / "scores.parquet").read_bytes()

    kept = gazebench(*asked, "--keep-maps")
    next((run / "cache" / "maps").glob("*/*.npz")).unlink()
    again = gazebench(*asked, "--keep-maps", "--workers", "2")
    done = gazebench("rescore", run, "--out", tmp_path / "again")

    assert [one.returncode for one in (plain, kept, again, done)] == [0] * 4, done.stderr
    assert (run / "scores.parquet").read_bytes() == before
    assert (tmp_path / "again" / "scores.parquet").read_bytes() == before


@pytest.mark.parametrize("harm", ["bit", "shape", "sign"])
def test_maps_that_were_changed_are_refused(kept: Path, tmp_path: Path, harm: str) -> None:
    """They are no failure of the entry's, which would be scored as one."""
    folder = tmp_path / "run"
    shutil.copytree(kept, folder)
    first = min((folder / "cache" / "maps").glob("*/*.npz"))
    if harm == "bit":
        content = bytearray(first.read_bytes())
        content[300] ^= 1
        first.write_bytes(content)
    else:
        with np.load(first) as arrays:
            found = dict(arrays)
        found["0"] = -found["0"] if harm == "sign" else found["0"][None]
        np.savez(first, **found)

    code, said = refused("rescore", folder, "--out", tmp_path / "x")

    assert code == RUN
    assert f"{first} are damaged" in said


def test_the_run_that_keeps_the_maps_is_not_replaced(kept: Path) -> None:
    before = (kept / "manifest.json").read_bytes()

    code, said = refused("rescore", kept, "--out", kept)

    assert code == USAGE
    assert "would replace it" in said
    assert (kept / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("change", [{"format": 99}, {"entries": [["\x1b[31m", []]]}])
def test_what_keeps_no_maps_of_ours_is_refused(
    kept: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(kept, folder)
    file = folder / "cache" / "kept.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))

    code, said = refused("rescore", folder, "--out", tmp_path / "x")

    assert code == RUN
    assert "kept.json cannot be understood" in said
    assert "\x1b" not in said


MANIFESTS = (
    {"config": [1]},
    {"config": {"models": 3}},
    {"config": {"data_root": 3}},
    {"config": {"seeds": ["x"]}},
    {"status": 5},
    {"status": "finished", "command": 7},
    {"status": "finished", "timings_s": {"board": "long"}},
    {"plugins": {"method:gradcam": 3}},
)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=str)
@pytest.mark.parametrize("command", ["rescore", "merge", "status", "explain", "rank"])
def test_a_manifest_that_no_run_writes_is_an_error_of_ours(
    tmp_path: Path, manifest: dict[str, object], command: str
) -> None:
    """Or says enough to answer; nothing else is raised."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    more = {"merge": ["--out", str(tmp_path / "x")], "explain": ["--timing"]}.get(command, [])

    with suppress(GazeBenchError):
        make_app()([command, str(folder), *more], standalone_mode=False)

    assert not (tmp_path / "x").exists()
