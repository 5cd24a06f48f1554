"""Precomputed maps in a run: scored as any map, missing at the floor, read one at a time."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gazebench
from gazebench.errors import RunError, UsageError
from gazebench.precomputed.values import StoredArray
from gazebench.spec import Size, Status
from gazebench_plugins.datasets.phantom.dataset import synthesize
from map_folders import EXACT, phantom_cases, write_npy, write_png

METRICS = ["ncc", "auc", "sauc", "nss", "kl", "emd"]
IMAGES = 4
OBSERVERS = ("A", "B", "C")


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "data"
    synthesize(folder, cases=3, size=Size(220, 200), seed=2)
    return folder


@pytest.fixture(scope="module")
def gaze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder dataset without pictures: 3 observers, 5 fixations on each of 4 images."""
    folder = tmp_path_factory.mktemp("gaze")
    rng = np.random.default_rng(1)
    rows = ["image,observer,x,y,duration"]
    for image in range(IMAGES):
        for observer in OBSERVERS:
            for x, y, duration in rng.uniform((5, 5, 0.1), (75, 55, 0.6), (5, 3)).round(3):
                rows.append(f"{image}.jpg,{observer},{x},{y},{duration}")
    (folder / "fixations.csv").write_text("\n".join(rows) + "\n")
    (folder / "gazebench-dataset.toml").write_text(
        'table = "fixations.csv"\ntime_unit = "s"\nsize = [60, 80]\npixels_per_degree = [6, 7]\n'
        '[columns]\nimage = "image"\nobserver = "observer"\nx = "x"\ny = "y"\n'
        'duration = "duration"\n'
    )
    return folder


def scores(run: gazebench.Run, entry: str) -> pd.DataFrame:
    found = run.scores
    chosen = found[found["entry"] == entry]
    return chosen.set_index(["case", "reading", "metric"]).sort_index()


def on_gaze(gaze: Path, tmp_path: Path, *folders: Path, **settings: Any) -> gazebench.Run:
    return gazebench.run(
        dataset="folder",
        data_root=gaze,
        maps=folders,
        resamples=50,
        **{"metrics": METRICS, "out": tmp_path / "run", **settings},
    )


def test_a_predicted_scanpath_that_is_a_readers_scores_as_that_reader(
    gaze: Path, tmp_path: Path
) -> None:
    """The same fixations through the same code: on that reader's rows, the ceiling."""
    table = pd.read_csv(gaze / "fixations.csv")
    for observer in OBSERVERS:
        folder = tmp_path / observer
        folder.mkdir()
        table[table["observer"] == observer].to_csv(folder / "fixations.csv")
        (folder / "maps.toml").write_text(
            "[scanpaths]\npixels_per_degree = [6, 7]\n[scanpaths.columns]\ncase = 'image'\n"
        )

    run = on_gaze(gaze, tmp_path, *(tmp_path / observer for observer in OBSERVERS))

    ceiling = scores(run, "interobserver")
    for observer in OBSERVERS:
        own = scores(run, observer)
        own = own[[reading.endswith(f"/{observer}") for _, reading, _ in own.index]]
        assert len(own) == IMAGES * len(METRICS)
        assert np.allclose(own["value"], ceiling.loc[own.index, "value"], rtol=1e-6, atol=1e-7)


def test_every_format_of_the_same_map_scores_the_same(gaze: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    maps = {f"{n}.jpg": rng.random((60, 80)).astype(np.float32) for n in range(IMAGES)}
    for name, write in EXACT.items():
        write(tmp_path / name, maps)
    write_png(tmp_path / "png", maps)

    run = on_gaze(gaze, tmp_path, *(tmp_path / name for name in (*EXACT, "png")))

    plain = scores(run, "npy")["value"]
    assert plain.notna().all()
    for name in EXACT:
        assert np.array_equal(scores(run, name)["value"], plain), name
    apart = (scores(run, "png")["value"] - plain).abs().groupby("metric").max()
    assert apart.drop("kl").max() < 2e-5
    assert apart["kl"] < 0.01, "one value rounded to 0 is a surprise to the Kullback-Leibler metric"
    assert not np.array_equal(scores(run, "png")["value"], plain)


def test_a_map_of_a_networks_canvas_scores_as_the_methods_own(
    phantom: Path, tmp_path: Path
) -> None:
    """What a method gives a 224 canvas, saved and declared, is scored as from the method."""
    plugin = tmp_path / "plain.py"
    plugin.write_text(
        "import torch\nfrom gazebench import method\n\n\n@method(needs={'logits'})\n"
        "def waves(model, images, classes):\n"
        "    grid = torch.sin(torch.arange(49.0) * 1.7).reshape(7, 7)\n"
        "    return grid.expand(len(images), len(classes), 7, 7).clone()\n"
    )
    grid = np.sin(np.arange(49.0) * 1.7).reshape(7, 7)
    write_npy(tmp_path / "saved", {case.id: grid for case in phantom_cases(phantom)})
    (tmp_path / "saved" / "maps.toml").write_text(
        'covers = "canvas"\ngeometry = "pad"\ncanvas = [224, 224]\n'
    )

    run = gazebench.run(
        data_root=phantom, plugins=[plugin], models=["timm/resnet18:weights=none"],
        methods=["waves"], mixings=["max"], metrics=["auc", "ncc", "nss"],
        maps=tmp_path / "saved", resamples=50, out=tmp_path / "run",
    )  # fmt: skip

    own = scores(run, "timm/resnet18:weights=none/waves/max")["value"]
    assert np.allclose(scores(run, "saved")["value"], own, atol=1e-6)


def test_missing_and_nonfinite_maps_count_as_the_floor(gaze: Path, tmp_path: Path) -> None:
    good = np.random.default_rng(0).random((60, 80))
    bad = np.where(good > 0.99, np.nan, good)
    write_npy(tmp_path / "mine", {"0.jpg": good, "1.jpg": bad, "3.jpg": good})

    run = on_gaze(gaze, tmp_path, tmp_path / "mine", metrics=["auc"])

    status = scores(run, "mine")["status"].groupby("case").first()
    assert dict(status) == {
        "0.jpg": Status.OK, "1.jpg": Status.NONFINITE, "2.jpg": Status.MISSING, "3.jpg": Status.OK,
    }  # fmt: skip
    row = next(row for row in run.leaderboard.subsets[0].rows if row.entry == "mine")
    assert row.cells["auc"].coverage == 0.5
    assert run.failed_entries == {}
    notices = run.leaderboard.notices
    assert "mine: 1 of 4 maps are missing, and count as the floor" in notices
    assert "mine: 1 of 4 maps hold NaN or infinity, and count as the floor" in notices


def change_while_read(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let something happen after the first map of a run is read."""
    read = StoredArray.read

    def changing(array: StoredArray) -> np.ndarray:
        found = read(array)
        change()
        return found

    monkeypatch.setattr("gazebench.precomputed.checks.CHEAP", 0)
    monkeypatch.setattr(StoredArray, "read", changing)


def test_a_file_that_goes_away_ends_the_run_which_goes_on_with_it(
    gaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a file could not be had once says nothing about the map."""
    maps = {f"{n}.jpg": np.eye(60, 80) for n in range(IMAGES)}
    write_npy(tmp_path / "mine", maps)
    file = tmp_path / "mine" / "2.jpg.npy"

    with monkeypatch.context() as patch:
        change_while_read(patch, lambda: file.unlink(missing_ok=True))
        with pytest.raises(RunError, match=r"2\.jpg\.npy cannot be read: .*No such file"):
            on_gaze(gaze, tmp_path, tmp_path / "mine", metrics=["auc"], threads=1)
    write_npy(tmp_path / "mine", maps)
    run = on_gaze(gaze, tmp_path, tmp_path / "mine", metrics=["auc"], threads=1)

    assert set(scores(run, "mine")["status"]) == {Status.OK}


def test_a_file_that_is_damaged_during_a_run_costs_its_map(
    gaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_npy(tmp_path / "mine", {f"{n}.jpg": np.eye(60, 80) for n in range(IMAGES)})
    file = tmp_path / "mine" / "2.jpg.npy"
    change_while_read(monkeypatch, lambda: file.write_bytes(file.read_bytes()[:300]))

    run = on_gaze(gaze, tmp_path, tmp_path / "mine", metrics=["auc"], threads=1)

    status = scores(run, "mine")["status"].groupby("case").first()
    assert status["2.jpg"] == Status.FAILED
    assert status["3.jpg"] == Status.OK


def test_every_seed_is_scored(gaze: Path, tmp_path: Path) -> None:
    maps = {f"{n}.jpg": np.random.default_rng(n).random((60, 80)) for n in range(IMAGES)}
    write_npy(tmp_path / "m" / "s1", maps)
    write_npy(tmp_path / "m" / "s2", {case: values**2 for case, values in maps.items()})
    (tmp_path / "m" / "maps.toml").write_text('files = "s{seed}/{case}.npy"')

    run = on_gaze(gaze, tmp_path, tmp_path / "m", metrics=["auc", "ncc"])

    found = scores(run, "m")
    assert set(found["seed"]) == {1, 2}
    by_seed = dict(iter(found.groupby("seed")["value"]))
    auc, ncc = (slice(None), slice(None), "auc"), (slice(None), slice(None), "ncc")
    assert np.allclose(by_seed[1].loc[auc], by_seed[2].loc[auc], atol=1e-6), "ranks are the same"
    assert not np.allclose(by_seed[1].loc[ncc], by_seed[2].loc[ncc], atol=1e-6)


def test_an_entry_may_not_have_the_name_of_another(gaze: Path, tmp_path: Path) -> None:
    for parent in ("a", "b"):
        write_npy(tmp_path / parent / "mine", {"0.jpg": np.eye(60, 80)})
    write_npy(tmp_path / "uniform", {"0.jpg": np.eye(60, 80)})

    with pytest.raises(UsageError, match="called mine, as another entry is") as error:
        on_gaze(gaze, tmp_path, tmp_path / "a" / "mine", tmp_path / "b" / "mine")
    with pytest.raises(UsageError, match="called uniform, as another entry is"):
        on_gaze(gaze, tmp_path, tmp_path / "uniform")

    assert 'name = "..."' in error.value.do


def test_the_manifest_knows_the_maps_by_their_content(gaze: Path, tmp_path: Path) -> None:
    maps = {f"{n}.jpg": np.eye(60, 80) for n in range(IMAGES)}
    write_npy(tmp_path / "a" / "m", maps)
    write_npy(tmp_path / "b" / "m", maps)
    write_npy(tmp_path / "c" / "m", {**maps, "3.jpg": np.eye(60, 80) * 2})
    records = [_record(gaze, tmp_path, name) for name in ("a", "b", "c")]

    assert records[0]["maps"] == IMAGES
    assert len(records[0]["sha256"]) == 64
    assert records[0]["sha256"] == records[1]["sha256"] != records[2]["sha256"]


def _record(gaze: Path, tmp_path: Path, name: str) -> Mapping[str, Any]:
    run = on_gaze(
        gaze, tmp_path, tmp_path / name / "m", metrics=["auc"], out=tmp_path / f"run {name}"
    )
    record: Mapping[str, Any] = json.loads((run.folder / "manifest.json").read_text())["maps"]["m"]
    return record


def test_one_map_at_a_time_is_in_memory(
    gaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two folders of maps of a whole shard, one thread: each is let go before the next is read."""
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        write_npy(folder, {f"{n}.jpg": np.eye(60, 80, k=n) for n in range(IMAGES)})
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0
    read = StoredArray.read

    def counted(array: StoredArray) -> np.ndarray:
        nonlocal most
        most = max(most, 1 + sum(one() is not None for one in alive))
        found = read(array)
        alive.append(weakref.ref(found))
        return found

    monkeypatch.setattr(StoredArray, "read", counted)

    on_gaze(gaze, tmp_path, *folders, metrics=["auc", "emd"], threads=1)

    assert len(alive) == 2 * 2 * IMAGES, "looked through once, scored once"
    assert most == 1


def test_an_explanation_says_that_maps_were_made_elsewhere(gaze: Path, tmp_path: Path) -> None:
    """Even where the entry's name looks like a method of ours."""
    maps = {f"{n}.jpg": np.eye(60, 80, k=n) for n in range(IMAGES)}
    write_npy(tmp_path / "m", maps)
    (tmp_path / "m" / "maps.toml").write_text('name = "net/gradcam"\nmodel = "densenet"')

    run = on_gaze(gaze, tmp_path, tmp_path / "m", metrics=["auc"])

    (made_by,) = gazebench.explain(run.folder, "net/gradcam", "auc").made_by
    assert made_by.startswith(f"maps made elsewhere: {IMAGES} maps, SHA-256 ")
    assert made_by.endswith(", model densenet")
