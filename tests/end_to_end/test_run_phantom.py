"""`gazebench run` on a small phantom, through the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from commands import gazebench
from gazebench.spec import Status

CASES, READERS = 6, 5
BOARDS = tuple(f"leaderboard.{suffix}" for suffix in ("json", "csv", "md", "tex"))
PAPER_ENTRIES = {
    "sononet/gradcam/uniform",
    "ag_sononet/gradcam/uniform",
    "ag_sononet/attention:gate=1",
    "ag_sononet/attention:gate=2",
}
FLOORS = {"centre_bias", "uniform", "random", "convex_segmentation", "shuffled_image"}


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "data"
    done = gazebench(
        "dataset", "synthesize", "--cases", str(CASES), "--size", "320x272", "--seed", "3",
        "--out", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def finished(phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("runs") / "run"
    done = gazebench(
        "run", "--data-root", phantom, "--min-readings", "4", "--subset", "abnormal",
        "--subset", "normal", "--subset", "tall=height > width", "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def board(folder: Path) -> dict[str, dict[str, object]]:
    content = json.loads((folder / "leaderboard.json").read_text())
    return {row["entry"]: row for row in content["subsets"][0]["rows"]}


def test_a_run_writes_everything_it_promises(finished: tuple[Path, str]) -> None:
    folder, screen = finished

    names = {path.name for path in folder.iterdir()}

    assert names == {
        "cache",
        "manifest.json",
        "scores.parquet",
        "subsets.json",
        "costs.csv",
        "checks.csv",
        "leaderboard.json",
        "leaderboard.csv",
        "leaderboard.md",
        "leaderboard.tex",
    }
    assert "interobserver" in screen
    assert str(folder) in screen.replace("\n", "")


def test_every_entry_floor_and_the_ceiling_are_scored(finished: tuple[Path, str]) -> None:
    folder, _ = finished

    rows = board(folder)

    assert {"interobserver", *FLOORS, *PAPER_ENTRIES} <= set(rows)
    assert {row["kind"] for row in rows.values()} == {"ceiling", "floor", "entry"}


def test_score_rows_are_complete_and_statused(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    scores = pd.read_parquet(folder / "scores.parquet")

    per_entry = scores.groupby(["entry", "metric"]).size()

    assert per_entry.nunique() == 1
    assert set(scores["status"]) <= {Status.OK, Status.UNDEFINED}
    assert scores.loc[scores["status"] == "ok", "value"].notna().all()
    assert scores.loc[scores["status"] != "ok", "value"].isna().all()
    assert set(scores.loc[scores["status"] != "ok", "entry"]) == {"uniform"}


def test_the_ceiling_is_above_every_floor(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    means = pd.read_parquet(folder / "scores.parquet").groupby(["metric", "entry"])["value"].mean()

    for metric in ("ncc", "auc", "sncc", "sauc"):
        floors = [means[metric].get(floor) for floor in FLOORS]
        best_floor = max(value for value in floors if value is not None and value == value)
        assert means[metric, "interobserver"] > best_floor


def test_constant_maps_score_one_half_and_have_no_correlation(
    finished: tuple[Path, str],
) -> None:
    folder, _ = finished
    scores = pd.read_parquet(folder / "scores.parquet")
    uniform = scores[scores["entry"] == "uniform"]

    assert set(uniform.loc[uniform["metric"].isin(["auc", "sauc"]), "value"]) == {0.5}
    assert uniform.loc[uniform["metric"].isin(["ncc", "sncc"]), "value"].isna().all()


def test_subsets_stand_beside_the_whole(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    content = json.loads((folder / "leaderboard.json").read_text())

    sizes = {subset["name"]: subset["n_images"] for subset in content["subsets"]}

    assert list(sizes) == ["all", "abnormal", "normal", "tall"]
    assert sizes["abnormal"] + sizes["normal"] == sizes["all"]


def test_the_manifest_says_where_numbers_come_from(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    manifest = json.loads((folder / "manifest.json").read_text())

    assert manifest["status"] == "finished"
    assert len(manifest["dataset"]["fingerprint"]) == 64
    assert manifest["dataset"]["restricted"] is False
    assert manifest["plugins"]["method:gradcam"]["distribution"] == "gazebench"
    assert len(manifest["plugins"]["method:gradcam"]["code_sha256"]) == 64
    assert len(manifest["weights"]["sononet@0"]["sha256"]) == 64


def test_the_same_command_gives_the_same_bytes(
    finished: tuple[Path, str], phantom: Path, tmp_path: Path
) -> None:
    folder, _ = finished

    done = gazebench(
        "run", "--data-root", phantom, "--min-readings", "4", "--subset", "abnormal",
        "--subset", "normal", "--subset", "tall=height > width", "--out", tmp_path / "again",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    for name in BOARDS:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_rank_turns_a_run_into_the_same_board(finished: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = finished

    done = gazebench("rank", folder, "--out", tmp_path / "ranked")

    assert done.returncode == 0, done.stderr
    for name in BOARDS:
        assert (tmp_path / "ranked" / name).read_bytes() == (folder / name).read_bytes()


def test_a_dry_run_writes_nothing(phantom: Path, tmp_path: Path) -> None:
    done = gazebench("run", "--data-root", phantom, "--dry-run", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "sononet/gradcam/uniform" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_events_come_as_json_lines(phantom: Path, tmp_path: Path) -> None:
    done = gazebench(
        "run", "--data-root", phantom, "--json", "--min-readings", "4", "--method", "gradcam",
        "--model", "sononet", "--mixing", "max", "--out", tmp_path / "run",
    )  # fmt: skip

    events = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert events[0]["event"] == "RunStarted"
    assert events[-1]["event"] == "RunFinished"
    assert "sononet/gradcam/max" in events[0]["entries"]


def test_impossible_pairs_are_not_applicable_with_the_reason(phantom: Path, tmp_path: Path) -> None:
    done = gazebench(
        "run", "--data-root", phantom, "--min-readings", "4", "--model", "sononet",
        "--method", "gradcam", "--method", "attention", "--out", tmp_path / "run",
    )  # fmt: skip

    content = json.loads((tmp_path / "run" / "leaderboard.json").read_text())

    assert done.returncode == 0, done.stderr
    assert content["not_applicable"] == {"sononet/attention": "sononet gives no attention maps"}


def test_a_single_file_plugin_is_ranked_beside_the_known(phantom: Path, tmp_path: Path) -> None:
    example = Path(__file__).resolve().parents[2] / "examples" / "plugin_in_one_file.py"

    done = gazebench(
        "run", "--data-root", phantom, "--min-readings", "4", "--plugin", example,
        "--mixing", "uniform", "--out", tmp_path / "run",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert board(tmp_path / "run")["spectral_residual"]["rank"] is not None


def test_python_gives_the_same_run(phantom: Path, tmp_path: Path) -> None:
    import gazebench as package

    done = package.run(
        data_root=phantom, min_readings=4, models=["sononet"], methods=["gradcam"],
        mixings=["uniform"], out=tmp_path / "run", resamples=200,
    )  # fmt: skip

    assert {"entry", "metric", "value", "status"} <= set(done.scores.columns)
    assert done.leaderboard.subsets[0].rows
    assert done.failed_entries == {}
