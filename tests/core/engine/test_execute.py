"""Executing a plan: what fails is counted, and costs nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import gazebench
from gazebench.spec import Size, Status
from gazebench_plugins.datasets.phantom.dataset import synthesize


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "data"
    synthesize(folder, cases=3, size=Size(220, 200), seed=2)
    return folder


def test_a_film_that_is_missing_scores_the_floor_and_is_counted(
    phantom: Path, tmp_path: Path
) -> None:
    import shutil

    root = tmp_path / "data"
    shutil.copytree(phantom, root)
    lost = sorted(root.rglob("*.jpg"))[0]
    lost.unlink()

    run = gazebench.run(
        dataset="reflacx", data_root=root, models=["sononet:weights=none"],
        methods=["gradcam"], mixings=["max"], resamples=50, out=tmp_path / "run",
    )  # fmt: skip

    scores = run.scores
    entry = scores[scores["entry"] == "sononet:weights=none/gradcam/max"]
    failed = entry[entry["status"] == Status.FAILED]
    assert set(failed["case"]) == {lost.stem}
    assert set(failed["reason"]) == {"the dataset has no pixels of this image"}
    row = next(r for r in run.leaderboard.subsets[0].rows if r.entry == entry["entry"].iloc[0])
    assert row.cells["auc"].coverage == pytest.approx(2 / 3)
    assert run.failed_entries == {}


BROKEN = """
from gazebench import floor, image_method, metric

@image_method()
def fine(image):
    return image

@floor()
def broken_floor(context):
    raise ValueError("no map today")

@metric(higher_is_better=True, range=(0, 1), chance=0.0, needs=frozenset(), version=1)
def broken_metric(scored, target):
    return [2.0] * len(target.references)
"""


def test_a_broken_floor_and_a_broken_metric_are_named_and_the_rest_is_scored(
    phantom: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(BROKEN)

    run = gazebench.run(
        data_root=phantom, plugins=[plugin], models=["sononet:weights=none"], resamples=50,
        methods=["fine"], out=tmp_path / "run",
    )  # fmt: skip

    assert set(run.failed_entries) == {"broken_floor", "metric broken_metric"}
    assert "no map today" in run.failed_entries["broken_floor"]
    assert "outside its declared range" in run.failed_entries["metric broken_metric"]
    scores = run.scores
    fine = scores[(scores["entry"] == "fine") & (scores["metric"] == "auc")]
    assert set(fine["status"]) == {Status.OK}
