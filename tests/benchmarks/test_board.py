"""A large leaderboard with everything it says, beside a plain loop over resamples.

40 entries, 12 metrics, 8 subsets, 109 images with 5 readings. The board holds 10,000 resamples;
the loop draws fewer and only averages, so its seconds are to be multiplied by
`RESAMPLES / LOOPED`. Run with `pytest tests/benchmarks --benchmark-only`; read the ratio.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gazebench.leaderboard.aggregate import build_board
from gazebench.spec.board import MetricColumn

ENTRIES, METRICS, SUBSETS, IMAGES, READINGS = 40, 12, 8, 109, 5
RESAMPLES, LOOPED = 10_000, 20


@pytest.fixture(scope="module")
def values():
    """Scores [metric, entry, image, reading]: images differ, entries a little, the first leads."""
    rng = np.random.default_rng(0)
    shape = (METRICS, ENTRIES, IMAGES, READINGS)
    image = 0.05 * rng.normal(size=(METRICS, 1, IMAGES, 1))
    entry = np.linspace(0.75, 0.6, ENTRIES)[None, :, None, None]
    return entry + image + 0.04 * rng.normal(size=shape)


@pytest.fixture(scope="module")
def subsets():
    """Seven parts that overlap; with all images, eight boards."""
    rng = np.random.default_rng(1)
    cases = np.array([f"{c:03d}" for c in range(IMAGES)])
    shares = np.linspace(0.15, 0.7, SUBSETS - 1)
    return {f"part{i}": cases[rng.random(IMAGES) < share] for i, share in enumerate(shares)}


@pytest.fixture(scope="module")
def table(values):
    m, e, c, r = (axis.ravel() for axis in np.indices(values.shape))
    return pa.table(
        {
            "case": np.char.mod("%03d", c),
            "reading": np.char.mod("%d", r),
            "entry": np.char.mod("entry%02d", e),
            "kind": np.where(e == 0, "ceiling", np.where(e == 1, "floor", "entry")),
            "seed": np.zeros(len(c), np.int64),
            "metric": np.char.mod("metric%02d", m),
            "value": values.ravel(),
            "status": np.full(len(c), "ok"),
            "reason": np.full(len(c), ""),
            "cluster": np.full(len(c), ""),
        }
    )


def board_of(table, subsets):
    metrics = {
        name: MetricColumn(name=name, title=name, higher_is_better=True, chance=0.5, version=1)
        for name in (f"metric{m:02d}" for m in range(METRICS))
    }
    return build_board(
        table,
        metrics=metrics,
        subsets=subsets,
        dataset="simulated",
        not_applicable={},
        resamples=RESAMPLES,
    )


def loop(values, subsets):
    """Means [metric, subset, entry, resample], and their intervals, the plain way."""
    rng = np.random.default_rng(2)
    parts = [np.arange(IMAGES), *(chosen.astype(int) for chosen in subsets.values())]
    means = np.empty((METRICS, len(parts), ENTRIES, LOOPED))
    for part, images in enumerate(parts):
        for b in range(LOOPED):
            drawn = rng.choice(images, len(images))
            for metric in range(METRICS):
                for entry in range(ENTRIES):
                    means[metric, part, entry, b] = values[metric, entry, drawn].mean()
    return np.quantile(means, [0.025, 0.975], axis=-1)


@pytest.mark.benchmark(group="board of 40 entries, 12 metrics, 8 subsets")
def test_board(benchmark, table, subsets):
    board = benchmark.pedantic(board_of, (table, subsets), rounds=2, warmup_rounds=1)

    cells = [r.cells[m.name] for s in board.subsets for r in s.rows for m in board.metrics]
    assert len(cells) == ENTRIES * METRICS * SUBSETS
    ranked = [cell for cell in cells if cell.rank is not None]
    assert all(cell.fraction_interval and cell.ranks and cell.tie_group for cell in ranked)


@pytest.mark.benchmark(group="board of 40 entries, 12 metrics, 8 subsets")
def test_loop_over_few_resamples(benchmark, values, subsets):
    benchmark.extra_info["beside"] = "numpy loop over resamples, means only"
    benchmark.extra_info["times"] = RESAMPLES / LOOPED
    found = benchmark.pedantic(loop, (values, subsets), rounds=1)

    assert found.shape == (2, METRICS, SUBSETS, ENTRIES)
