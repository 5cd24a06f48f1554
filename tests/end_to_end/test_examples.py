"""The examples do what they say."""

from __future__ import annotations

import json
from pathlib import Path

from commands import gazebench

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_one_toml_describes_a_run_and_options_override_it(tmp_path: Path) -> None:
    out = tmp_path / "run"

    done = gazebench(
        "run", EXAMPLES / "run.toml", "--rank-by", "sauc", "--out", out,
        env={"GAZEBENCH_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    board = json.loads((out / "leaderboard.json").read_text())
    manifest = json.loads((out / "manifest.json").read_text())
    assert board["rank_by"] == "sauc"
    assert manifest["overridden"] == ["out", "rank_by"]
    names = [subset["name"] for subset in board["subsets"]]
    assert names == ["all", "abnormal", "normal", "phase:1", "upright_pa", "opacities"]
    entries = {row["entry"] for row in board["subsets"][0]["rows"]}
    assert {
        "sononet/gradcam/class:Pneumothorax",
        "ag_sononet/attention:gate=1",
        "spectral_residual",
    } <= entries
    assert "shuffled_image" not in entries
