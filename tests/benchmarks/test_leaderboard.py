"""A large run becomes a record on a leaderboard, and the leaderboard a site.

100 entries, 12 metrics, all images and 10 subsets, 91 images with 5 readings, 10,000 resamples: the
two commands as a user types them, each with a start of Python of its own. The aim is 10 s for both
on two cores. Measured, quiet: 26 s for publishing (6 of them look through every file for
what must not leave, 5 resample, 2 write the site of all boards, 9 make, check and state the record)
and 12 s for the site (5 resample, to hold the record to its case scores).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazebench.engine.store import SCHEMA
from run_folders import OPEN, run_folder

ENTRIES, SUBSETS, IMAGES, READINGS = 100, 10, 91, 5
METRICS = (
    "ncc", "sncc", "auc", "sauc", "nss", "snss", "sim", "spearman", "ig", "auc_judd", "auc_borji",
    "sauc_fixation",
)  # fmt: skip


@pytest.fixture(scope="module")
def large_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run on an open dataset."""
    rng = np.random.default_rng(0)
    shape = (len(METRICS), ENTRIES, IMAGES, READINGS)
    values = np.linspace(0.75, 0.6, ENTRIES)[None, :, None, None] + 0.04 * rng.normal(size=shape)
    values += 0.05 * rng.normal(size=(len(METRICS), 1, IMAGES, 1))
    metric, entry, case, reading = (axis.ravel() for axis in np.indices(shape))
    cases = np.char.mod("case %03d", np.arange(IMAGES))
    subsets = {
        f"part {i}": sorted(cases[rng.random(IMAGES) < share].tolist())
        for i, share in enumerate(np.linspace(0.2, 0.7, SUBSETS))
    }
    settings = {**OPEN["config"], "resamples": 10_000}
    folder = run_folder(tmp_path_factory.mktemp("large") / "run", **{**OPEN, "config": settings})
    table = pa.table(
        {
            "dataset": np.full(len(case), "phantom"),
            "case": cases[case],
            "reading": np.char.mod("reading %d", reading),
            "entry": np.char.mod("entry %02d", entry),
            "kind": np.where(entry == 0, "ceiling", np.where(entry == 1, "floor", "entry")),
            "seed": np.zeros(len(case), np.int64),
            "metric": np.array(METRICS)[metric],
            "value": values.ravel(),
            "status": np.full(len(case), "ok"),
            "reason": np.full(len(case), ""),
            "cluster": np.full(len(case), ""),
        },
        schema=SCHEMA,
    )
    pq.write_table(table, folder / "scores.parquet")
    known = {"shown": list(subsets), "cases": subsets}
    (folder / "subsets.json").write_text(json.dumps(known))
    return folder


@pytest.mark.benchmark(group="publish and site of 100 entries, 12 metrics, 10 subsets")
def test_publish_and_site(benchmark: Any, large_run: Path, tmp_path: Path) -> None:
    boards, site = tmp_path / "boards", tmp_path / "site"

    def start_anew() -> None:
        shutil.rmtree(boards, ignore_errors=True)
        shutil.rmtree(site, ignore_errors=True)

    def publish_and_site() -> None:
        for command in (("publish", large_run, "--to", boards), ("site", boards, "--out", site)):
            words = [sys.executable, "-m", "gazebench", *map(str, command)]
            subprocess.run(words, capture_output=True, check=True)

    benchmark.pedantic(publish_and_site, setup=start_anew, rounds=2)

    assert (boards / "phantom" / "records" / "run.cases.json").is_file()
    assert (site / "index.html").is_file()
