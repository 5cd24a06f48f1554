"""Where a run lies: named after what it computes, claimed for one process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gazebench.engine.config import RunConfig
from gazebench.engine.folder import CACHE, NOT_DECISIVE, claim, refuse_another_run, release
from gazebench.engine.keys import content_key
from gazebench.engine.opening import OpenedRun
from gazebench.engine.store import make_folder, remove_unfinished
from gazebench.errors import RunError

LOCK = "lock"  # in the cache's folder


def default_folder(config: RunConfig, dataset: str) -> Path:
    """Name a run's folder after what it computes, so that the same command finds it again."""
    share = f"-{config.shard.replace('/', '-of-')}" if config.shard else ""
    return Path("runs") / f"{dataset}-{content_key(decisive(config))[:8]}{share}"


def decisive(config: RunConfig) -> dict[str, Any]:
    """Return the settings that decide what a run computes."""
    return {key: value for key, value in config.as_json().items() if key not in NOT_DECISIVE}


@contextmanager
def folder_of(opened: OpenedRun) -> Iterator[Path]:
    """Claim a run's folder for this process alone; it is released where nothing came of it."""
    config = opened.config
    folder = claim(config.out or default_folder(config, opened.name))
    refuse_another_run(folder, config.as_json())
    make_folder(folder / CACHE)
    lock = FileLock(folder / CACHE / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunError(
            f"another process is at work in {folder}",
            do="wait for it, or choose another folder with --out",
        ) from None
    remove_unfinished(folder)
    try:
        yield folder
    except BaseException:
        lock.release()
        release(folder)
        raise
    lock.release()


def is_claimed(folder: Path) -> bool:
    """Say whether a process is at work in a run's folder; also where nobody may find out."""
    try:
        with FileLock(folder / CACHE / LOCK, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def cache_of(folder: Path, config: RunConfig) -> Path:
    """Return where a run records its scores."""
    return config.cache or folder / CACHE


def new_session() -> str:
    """Return a key that no other run has."""
    return uuid.uuid4().hex
