"""Real photographs, real observers, published scores: through the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import gazebench

REPOSITORY = Path(__file__).resolve().parents[2]
DESCRIPTIONS = REPOSITORY / "examples" / "datasets"


def scores(folder: Path) -> dict[str, dict[str, float]]:
    content = json.loads((folder / "leaderboard.json").read_text())
    rows = content["subsets"][0]["rows"]
    return {row["entry"]: {m: c["score"] for m, c in row["cells"].items()} for row in rows}


def test_observers_beat_spectral_residual_beats_uniform_on_photographs(
    shared_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"

    done = gazebench(
        "run", "--dataset", "folder", "--data-root", shared_data / "lund2013_gpl3",
        "--dataset-option", f"description={DESCRIPTIONS / 'lund2013.toml'}",
        "--plugin", REPOSITORY / "examples" / "plugin_in_one_file.py",
        "--model", "timm/resnet18:weights=none", "--method", "gradcam",
        "--method", "spectral_residual", "--mixing", "max", "--out", out,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = scores(out)
    assert found["interobserver"]["auc"] > found["spectral_residual"]["auc"]
    assert found["spectral_residual"]["auc"] > found["uniform"]["auc"] == 0.5
    assert "timm/resnet18:weights=none/gradcam/max" in found
    assert "centre_bias" in found


@pytest.mark.parametrize("kept", ["1003.jpg"])
def test_ceilings_without_pixels(shared_data: Path, tmp_path: Path, kept: str) -> None:
    description = tmp_path / "osie.toml"
    whole = (DESCRIPTIONS / "osie.toml").read_text()
    description.write_text(f"keep = 'image <= \"{kept}\"'\n" + whole)
    out = tmp_path / "run"

    done = gazebench(
        "run", "--dataset", "folder", "--data-root", shared_data / "osie_mit_fixations",
        "--dataset-option", f"description={description}", "--out", out,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = scores(out)
    for metric in ("ncc", "sncc", "auc", "sauc"):
        assert found["interobserver"][metric] > found["centre_bias"][metric]
    content = json.loads((out / "leaderboard.json").read_text())
    ceiling = next(row for row in content["subsets"][0]["rows"] if row["entry"] == "interobserver")
    assert ceiling["cells"]["auc"]["n_rows"] == 3 * 15
