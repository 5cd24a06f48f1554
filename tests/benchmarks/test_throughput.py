"""A whole run at native size beside the bare costs of what it cannot do without.

Two networks, three mixings, two attention maps, four metrics, five readings. The bare costs are
decoding every image, one forward pass per network, and the densities, references and metrics of the
same number of maps on the same threads: no class maps, no records, no tables, no intervals.
`GAZEBENCH_RUN_CASES` sets the number of cases (109 for REFLACX's two first phases).
"""

from __future__ import annotations

import json
import os
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import gazebench
from gazebench.attribution.prepare import network_input
from gazebench.engine.config import RunConfig
from gazebench.engine.maps import Attributed, BornMap, MapKey
from gazebench.engine.opening import open_run
from gazebench.engine.pixels import pixels_of
from gazebench.engine.scoring import CaseScorer
from gazebench.engine.targets import GazeSource
from gazebench.engine.threads import InOrder, Threads, available_threads, one_blas_thread
from gazebench.gaze.buffers import InTurn
from gazebench.registry.host import Host
from wanting import everything

CASES = int(os.environ.get("GAZEBENCH_RUN_CASES", "8"))
SIZE = "3056x2544"
MIXINGS = ("uniform", "thresholded", "max")
METRICS = ("ncc", "sncc", "auc", "sauc")
GROUP = f"whole run: {CASES} native cases x 5 readings, 8 entries, 5 floors, 4 metrics"
LIMIT = 3e9  # bytes
MAPS = 13  # of eight entries and five floors


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("throughput") / "data"
    from gazebench_plugins.datasets.phantom.dataset import parse_size, synthesize

    synthesize(folder, cases=CASES, size=parse_size(SIZE), seed=1)
    return folder


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.timeout(3600)
def test_run(benchmark, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    settings = {"data_root": data, "mixings": MIXINGS, "metrics": METRICS, "min_readings": 3}

    def start_anew() -> None:
        shutil.rmtree(out, ignore_errors=True)

    def run() -> None:
        gazebench.run(**settings, out=out)

    benchmark.pedantic(run, setup=start_anew, rounds=2 if CASES <= 10 else 1)

    manifest = json.loads((out / "manifest.json").read_text())
    stages, whole = manifest["timings_s"], manifest["attempt_s"]
    for stage, seconds in stages.items():
        benchmark.extra_info[f"share of {stage}"] = round(seconds / whole, 3)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    benchmark.extra_info["peak memory, GB"] = round(peak / 1e9, 2)
    assert peak < LIMIT


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.timeout(3600)
def test_bare_costs(benchmark, data: Path) -> None:
    benchmark.extra_info["beside"] = "decoding, one forward pass per network, scoring kernels"
    config = RunConfig(
        data_root=data, mixings=MIXINGS, metrics=METRICS, min_readings=3, methods=("gradcam",)
    )
    opened = open_run(config, Host())
    turns = InTurn()
    source = GazeSource(opened.dataset, recipe="loio", reference=opened.reference)
    wanted = everything(*METRICS)
    needs = frozenset({"centre_bias"})
    rng = np.random.default_rng(0)

    def tasks(case):
        gaze = source.gaze(case, needs, turns.take())
        scorer = CaseScorer(dataset="made", case=case, gaze=gaze, wanted=wanted)
        maps = (rng.random((17, 14)).astype(np.float32) for _ in range(MAPS))
        born = (BornMap(values=values, placement=None) for values in maps)
        made = [Attributed(MapKey(f"map{n}", 0, case.id), one) for n, one in enumerate(born)]
        return [*scorer.ceiling(), *(scorer.entry(one) for one in made)]

    def decode_pass_and_score() -> int:
        inputs: dict[str, list[torch.Tensor]] = {}
        for case in opened.cases:
            image = pixels_of(opened, case)
            for model in opened.models:
                label = model.explanations[0].model.label
                prepared = network_input(image, model.loaded.preprocessing)
                inputs.setdefault(label, []).append(prepared)
        with torch.no_grad():
            for model in opened.models:
                for image in inputs[model.explanations[0].model.label]:
                    model.explainer.module(image[None])
        with one_blas_thread(), Threads(available_threads()) as threads:
            source.readings_without_density(opened.cases, on_case=lambda: None)
            rows = 0
            for of_case in InOrder(threads).results(tasks(case) for case in opened.cases):
                turns.give_back()
                rows += sum(map(len, of_case))
        return rows

    rows = benchmark.pedantic(decode_pass_and_score, rounds=2 if CASES <= 10 else 1)

    assert rows >= CASES * MAPS * len(METRICS)
