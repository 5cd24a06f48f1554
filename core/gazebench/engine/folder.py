"""The folder of a run: claimed before any work, so that an unwritable place costs no time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazebench.errors import RunError

MANIFEST = "manifest.json"
COSTS = "costs.csv"
CHECKS = "checks.csv"
AT_WORK = "at_work"  # in the cache: what processes are at, while they are
CACHE = "cache"  # what is recorded, where no other folder is given
NOT_DECISIVE = frozenset(
    {
        "threads",
        "workers",
        "scheduler",
        "shard",
        "cache",
        "plugin_timeout",
        "max_failures",
        "keep_maps",
        "rescored",
        "out",
    }
)  # for what a run computes
OF_THE_BOARD = frozenset({"subsets", "rank_by", "interval", "resamples"})  # not of the scores


def claim(folder: Path) -> Path:
    """Create the folder of a run, or take over that of an earlier run.

    Raises:
        RunError: the folder holds something else, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = sorted(p.name for p in folder.iterdir())
        probe = folder / ".gazebench-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise RunError(
            f"cannot write to the output folder {folder}: {error.strerror or error}",
            do="choose another folder with --out",
        ) from error
    if strangers and not _is_run(strangers):
        raise RunError(
            f"the output folder {folder} is not empty and holds no run: found {strangers[0]}",
            do="choose an empty or new folder with --out",
        )
    return folder


def refuse_another_run(folder: Path, config: Mapping[str, Any]) -> None:
    """Refuse a folder that holds the scores of another configuration: they would be lost.

    What only the board depends on makes no other run: the scores come out the same.

    Raises:
        RunError: the manifest in the folder is of another configuration.
    """
    file = folder / MANIFEST
    if not file.is_file():
        return
    try:
        held = json.loads(file.read_text("utf-8"))["config"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # no manifest that says anything: nothing of worth can have come after it
    if not isinstance(held, dict):
        return
    differing = [
        key
        for key in sorted({*config, *held} - NOT_DECISIVE - OF_THE_BOARD)
        if key in held and held[key] != config.get(key)
    ]
    if differing:
        raise RunError(
            f"the output folder {folder} holds another run, with other {', '.join(differing)}",
            do="choose another folder with --out, or delete that one",
        )


def relative_to(cache: Path, own: Path) -> str:
    """Say where a cache is in a file of a run's `own`: "." where it is that, for runs are moved."""
    return "." if cache.resolve() == own.resolve() else str(cache.absolute())


def _is_run(names: list[str]) -> bool:
    return MANIFEST in names


def release(folder: Path) -> None:
    """Remove the folder again if nothing was scored in it."""
    if (folder / "scores.parquet").exists() or any(folder.glob("cache/scores/*/*")):
        return
    shutil.rmtree(folder / "cache", ignore_errors=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
