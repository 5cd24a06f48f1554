"""A real run of a small phantom, with everything in its folder that a run may leave there."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import gazebench
from gazebench.spec import Size
from gazebench_plugins.datasets.phantom import phantom
from gazebench_plugins.datasets.phantom.dataset import synthesize

PLUGIN = """
from gazebench import floor, image_method

@image_method()
def fine(image):
    return image

@floor()
def broken(context):
    raise ValueError("no map today")
"""
CASES = 7


def finish_run(folder: Path) -> Path:
    """Run a phantom of a few cases: floors, one of which fails, a method and maps made elsewhere.

    Maps are missing for some cases, and one file is of no case.
    """
    data, plugin, maps = folder / "data", folder / "mine.py", folder / "elsewhere"
    synthesize(data, cases=CASES, size=Size(220, 200), seed=3)
    plugin.write_text(PLUGIN)
    maps.mkdir()
    cases = phantom.function(data).cases()
    for case in cases[:-2]:
        np.save(maps / f"{case.id}.npy", np.random.default_rng(0).random(case.size))
    np.save(maps / "12345678-12345678-12345678-12345678-12345678.npy", np.zeros((220, 200)))
    gazebench.run(
        data_root=data,
        plugins=[plugin],
        models=["sononet:weights=none"],
        methods=["gradcam", "fine"],
        maps=[maps],
        metrics=["ncc", "auc", "deletion"],
        subsets=["abnormal", "some=readings > 1"],
        out=folder / "run",
        resamples=50,
    )
    return folder / "run"
