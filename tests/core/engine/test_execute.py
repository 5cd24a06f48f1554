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


ALL_METRICS = (
    "ncc sncc auc sauc nss snss auc_judd auc_borji sauc_fixation kl sim ig spearman emd "
    "pointing_game region_energy region_iou region_auc"
)


@pytest.fixture(scope="module")
def by_threads(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, gazebench.Run]:
    folder = tmp_path_factory.mktemp("threads")
    return {
        count: gazebench.run(
            data_root=phantom, models=["sononet:weights=none"], methods=["gradcam"],
            metrics=ALL_METRICS.split(), resamples=50, threads=count, out=folder / str(count),
        )
        for count in (1, 5)
    }  # fmt: skip


def test_any_number_of_threads_gives_the_same_rows(by_threads: dict[int, gazebench.Run]) -> None:
    assert by_threads[1].scores.equals(by_threads[5].scores)


def test_every_metric_has_rows_and_those_of_one_patient_share_a_cluster(
    by_threads: dict[int, gazebench.Run],
) -> None:
    scores = by_threads[1].scores

    assert set(scores["metric"]) == set(ALL_METRICS.split())
    assert (scores.groupby("case")["cluster"].nunique() == 1).all()
    assert not scores["cluster"].str.contains("99").any(), "numbered, not identified"


def test_what_a_metric_lacks_is_lacking_for_everybody(by_threads: dict[int, gazebench.Run]) -> None:
    """Images on which too few readers marked anything have no region to compare with."""
    scores = by_threads[1].scores
    regions = scores[scores["metric"] == "region_auc"]
    lacking = regions[regions["status"] == Status.NOT_APPLICABLE]

    of_reading = regions.groupby("reading")["status"].agg(lambda s: (s == "not_applicable").mean())
    assert set(of_reading) <= {0.0, 1.0}
    assert set(lacking["reason"]) <= {
        "there is no region that at least half of the reference readers marked"
    }
    for row in by_threads[1].leaderboard.subsets[0].rows:
        assert row.cells["region_auc"].coverage in (0.0, 1.0)
