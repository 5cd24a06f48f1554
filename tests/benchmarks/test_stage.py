"""The whole scoring stage: native cases of five readings, twenty maps, ten metrics, all threads.

From fixations to score rows as a run does it: densities, references, centre bias, ceiling, maps.
`GAZEBENCH_STAGE_CASES` sets the number of cases (109 for the size of REFLACX's two first phases).
The peer is one case and one map by the published scripts' way for four of the ten metrics, times
the number of maps.
"""

from __future__ import annotations

import os
import resource
from itertools import chain

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import oracles
from gazebench.engine.maps import Attributed, BornMap, MapKey
from gazebench.engine.scoring import CaseScorer
from gazebench.engine.targets import GazeSource
from gazebench.engine.threads import InOrder, Threads, available_threads
from gazebench.gaze.buffers import InTurn
from gazebench.spec.values import Box, Case, Reading
from native_case import NATIVE, READINGS, some_fixations
from wanting import everything

CASES = int(os.environ.get("GAZEBENCH_STAGE_CASES", "4"))
MAPS = 20
METRICS = ["ncc", "sncc", "auc", "sauc", "nss", "auc_judd", "kl", "sim", "ig", "sauc_fixation"]
LIMIT = 4 * 2**30  # bytes


class Made:
    """A dataset of made-up readings of native size."""

    def cases(self):
        box = Box(300.0, 200.0, NATIVE.width - 300.0, NATIVE.height - 200.0)
        return [
            Case(
                id=f"{c:03d}",
                size=NATIVE,
                readings=tuple(Reading(id=f"{c:03d}-{r}", chest_box=box) for r in range(READINGS)),
                expected_readings=READINGS,
            )
            for c in range(CASES)
        ]

    def fixations(self, case, reading):
        return some_fixations(60, int(case.id) * READINGS + int(reading.id[-1]))


def some_maps(case):
    """Half are class activation maps of two networks, half are as fine as their input."""
    rng = np.random.default_rng(int(case.id))
    for number in range(MAPS):
        shape = [(17, 14), (34, 28), (272, 224)][min(number // 5, 2)]
        values = rng.normal(size=shape).astype(np.float32)
        values = np.maximum(values, 0) if number % 2 else np.abs(values) ** 3
        yield Attributed(
            MapKey(f"map{number:02d}", 0, case.id), BornMap(values=values, placement=None)
        )


def stage():
    """Return every score row."""
    made = Made()
    cases = made.cases()
    wanted = everything(*METRICS)
    metrics = wanted.plan.gaze_metrics
    needs = frozenset(chain.from_iterable(m.descriptor.needs for m in metrics))
    source = GazeSource(made, recipe="loio")

    turns = InTurn()

    def tasks(case):
        gaze = source.gaze(case, needs, turns.take())
        scorer = CaseScorer(dataset="made", case=case, gaze=gaze, wanted=wanted)
        return [*scorer.ceiling(), *(scorer.entry(one) for one in some_maps(case))]

    with (
        threadpool_limits(limits=1, user_api="blas"),
        Threads(available_threads()) as threads,
    ):
        source.readings_without_density(cases, on_case=lambda: None)
        found = []
        for of_case in InOrder(threads).results(tasks(case) for case in cases):
            turns.give_back()
            found += [row for rows in of_case for row in rows]
        return found


@pytest.mark.benchmark(group=f"scoring stage: {CASES} cases x 5 readings x 20 maps x 10 metrics")
@pytest.mark.timeout(3600)
def test_stage(benchmark):
    rows = benchmark.pedantic(stage, rounds=1, warmup_rounds=0 if CASES > 10 else 1)

    assert len(rows) == CASES * READINGS * (MAPS + 1) * len(METRICS)
    assert all(row.value is not None for row in rows)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    benchmark.extra_info["peak memory, GB"] = round(peak / 1e9, 2)
    assert CASES <= 10 or peak < LIMIT


@pytest.mark.benchmark(group=f"scoring stage: {CASES} cases x 5 readings x 20 maps x 10 metrics")
def test_published_way_of_one_reading(benchmark):
    """The heatmap alone, without any metric: what it takes per reading, times all readings."""
    benchmark.extra_info["beside"] = "the readings' heatmaps alone, per pixel with scipy"
    benchmark.extra_info["times"] = CASES * READINGS

    found = benchmark.pedantic(oracles.heatmap, (some_fixations(60, 0), NATIVE), rounds=1)

    assert found.shape == tuple(NATIVE)
