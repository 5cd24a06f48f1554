"""Score the maps that a run has kept: by other metrics, on other readings, without a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gazebench.engine.config import config_from_json, override
from gazebench.engine.keys import content_key
from gazebench.errors import UsageError
from gazebench.leaderboard.run_record import read_run_record
from gazebench.running.folders import decisive
from gazebench.running.run import Run, run_config
from gazebench.spec.events import Event

OF_SCORING = frozenset(
    {
        "data_root", "metrics", "floors", "subsets", "plugins", "reference", "centre_bias",
        "min_readings", "interval", "resamples", "rank_by", "threads", "workers", "scheduler",
        "cache", "out",
    }
)  # fmt: skip


def rescore(folder: Path, changes: Mapping[str, Any], *, report: Callable[[Event], None]) -> Run:
    """Score a run's kept maps under its configuration with some changes; see `OF_SCORING`.

    Without `out`, the folder is beside the run, named after what is computed.

    Raises:
        UsageError: the folder holds no run, or a change is of what makes maps.
        RunError: the run kept no maps, or not all of them.
        GazeBenchError: whatever is wrong with names, data or the output folder.
    """
    record = read_run_record(folder)
    if record is None:
        raise UsageError(f"{folder} holds no run", do="give the folder of `gazebench run`")
    foreign = sorted(changes.keys() - OF_SCORING)
    if foreign:
        raise UsageError(
            f"{foreign[0]} makes other maps, and rescoring makes none",
            do="use `gazebench run`",
        )
    held = config_from_json(record.content.get("config", {}))
    base = replace(
        held, rescored=folder, keep_maps=False, shard="", workers=1, scheduler="", cache=None,
        out=None,
    )  # fmt: skip
    config = override(base, changes)
    if config.out is None:
        name = f"{folder.resolve().name}-{content_key(decisive(config))[:8]}"
        config = replace(config, out=folder.with_name(name))
    elif config.out.resolve() == folder.resolve():
        raise UsageError(
            f"{folder} keeps the maps, and a rescored run there would replace it",
            do="choose another folder with --out",
        )
    return run_config(config, overridden=sorted(changes), report=report)
