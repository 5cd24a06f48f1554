"""The folders of finished runs, of few made-up scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from boards import rows_of
from gazebench.engine.store import score_table
from gazebench.spec.values import EntryKind, ScoreRow

Scores = Mapping[str, Sequence[float]]

SCORES: Scores = {
    "interobserver": [0.9, 0.85, 0.95, 0.9, 0.8, 0.9, 0.91],
    "sononet/gradcam/max": [0.7, 0.72, 0.75, 0.61, 0.7, 0.8, 0.77],
    "uniform": [0.5] * 7,
}
KINDS = {"interobserver": "ceiling", "uniform": "floor"}
PLUGIN = {"distribution": "gazebench", "version": "0.1.0", "code_sha256": "ab" * 32}
MANIFEST: dict[str, Any] = {
    "status": "finished",
    "config": {
        "dataset": "reflacx", "data_root": "/secret", "resamples": 200, "centre_bias": "loio",
        "subsets": ["most", "few"],
    },
    "dataset": {"name": "reflacx", "restricted": True},
    "reference": {"label": "gaze", "recipe_version": 1},
    "plugins": {"model:sononet": PLUGIN, "method:gradcam": PLUGIN, "floor:uniform": PLUGIN},
    "weights": {"sononet@0": {"sha256": "cd" * 32, "trained_on": "mimic"}},
    "not_applicable": {"sononet/attention": "sononet gives no attention maps"},
    "notices": ["made up"],
    "versions": {"gazebench": "0.1.0"},
    "hardware": {"machine": "x86_64", "cpus": 2, "system": "Linux", "python": "3.11.7"},
}  # fmt: skip


OPEN: dict[str, Any] = {
    "config": {"dataset": "phantom", "resamples": 200, "centre_bias": "loio"},
    "dataset": {"name": "phantom", "restricted": False},
}


def run_folder(
    folder: Path, *, scores: Scores = SCORES, cases: Sequence[str] = "0123456", **changes: Any
) -> Path:
    """Write what `gazebench run` leaves: scores, subsets and a manifest; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {**MANIFEST, **changes}
    rows = [
        ScoreRow(
            **{
                **row,
                "case": cases[int(row["case"])],
                "dataset": manifest["dataset"]["name"],
                "kind": EntryKind(KINDS.get(row["entry"], "entry")),
                "metric": metric,
            }
        )
        for metric in ("auc", "sauc")
        for row in rows_of(scores)
    ]
    pq.write_table(score_table(rows), folder / "scores.parquet")
    members = {"most": list(cases[:5]), "few": list(cases[5:])}
    (folder / "subsets.json").write_text(json.dumps({"shown": [*members], "cases": members}))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def open_run(folder: Path, *, scores: Scores = SCORES, **changes: Any) -> Path:
    """Write the folder of a run on a dataset that is open."""
    return run_folder(folder, scores=scores, **{**OPEN, **changes})
