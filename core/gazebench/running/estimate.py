"""What a run would take: how much is recorded, and from two images what the rest needs."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.config import RunConfig, share_of
from gazebench.engine.costs import MEGABYTE, resident
from gazebench.engine.opening import OpenedRun
from gazebench.engine.plan import Plan
from gazebench.engine.ready import Ready, make_ready
from gazebench.engine.shard_store import ShardStore
from gazebench.engine.shards import Shard
from gazebench.engine.threads import Threads, available_threads, one_blas_thread
from gazebench.engine.worker import ShardWorker, missing_of
from gazebench.registry.host import Host
from gazebench.running.folders import cache_of, default_folder
from gazebench.running.run import checked

WARM = 20.0  # seconds that a first image may take for a second one to be tried
ROW_FILES = 2  # scores stand in the cache and in the run's table
PIXEL = 4  # bytes of a grey image in single precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is left of a run.

    Attributes:
        columns: scores (entry, metric and task, a few cases) of the whole run.
        recorded: those that need not be made.
        images: that have something to be made.
        seconds_per_image: measured on one of them, now; None where nothing is left.
        seconds: for all of them, by as many workers as are asked for.
        memory_mb: of one process at its highest; None where the system does not tell.
        disk_mb: that will be written.
        free_mb: that the disk has.
    """

    columns: int
    recorded: int
    images: int
    seconds_per_image: float | None
    seconds: float
    memory_mb: float | None
    disk_mb: float
    free_mb: float

    @property
    def recorded_share(self) -> float:
        """How much is recorded, from 0 to 1."""
        return self.recorded / self.columns if self.columns else 1.0


def estimate(config: RunConfig) -> tuple[Plan, Estimate]:
    """Return what a run would score and what that would take; nothing of it is kept.

    Raises:
        GazeBenchError: whatever is wrong with names, files or weights.
    """
    opened = checked(config, Host(files=config.plugins))
    folder = config.out or default_folder(config, opened.name)
    with one_blas_thread(), _scratch() as scratch:
        cache = cache_of(folder, config)
        ready = make_ready(opened, scratch, session="", report=lambda _event: None)
        return opened.plan, _estimate(ready, cache)


def _estimate(ready: Ready, cache: Path) -> Estimate:
    config = ready.opened.config
    first, step = share_of(config.shard)
    shards = ready.shards()[first::step]
    there = replace(ready, store=ShardStore(cache / "scores"), cache=cache)
    missing = {shard.index: there.missing(shard) for shard in shards}
    todo = [shard for shard in shards if missing[shard.index]]
    images = sum(len(shard.cases) for shard in todo)
    columns = len(ready.columns.all)
    probe = _probe(ready, todo[0]) if todo else None
    share = sum(map(len, missing.values())) / (columns * len(todo)) if todo else 0.0
    return Estimate(
        columns=columns * len(shards),
        recorded=columns * len(shards) - sum(map(len, missing.values())),
        images=images,
        seconds_per_image=probe.seconds * share if probe else None,
        seconds=probe.seconds * share * images / config.workers if probe else 0.0,
        memory_mb=probe.memory_mb if probe else None,
        disk_mb=probe.disk_mb * share * images if probe else 0.0,
        free_mb=_free_mb(cache),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probed:
    """What one image takes, with every entry and metric."""

    seconds: float
    memory_mb: float | None
    disk_mb: float


def _probe(ready: Ready, shard: Shard) -> _Probed:
    """Score one image, or two where the first is done soon, and measure the last."""
    opened = ready.opened
    with Threads(opened.config.threads or available_threads()) as threads:
        worker = ShardWorker(opened, ready.source, ready.selection, threads, ready.maps)
        seconds = 0.0
        for case in shard.cases[:2]:
            alone = replace(shard, cases=(case,), key=case.id)
            start = time.perf_counter()
            part = worker.score(worker.explain(alone, missing_of(ready.columns, frozenset())))
            seconds = time.perf_counter() - start
            if seconds > WARM:
                break
    scores = ready.store.add(replace(shard, key="probe"), part).stat().st_size
    maps = sum(file.stat().st_size for file in ready.maps.path(alone.key, "").parent.glob("*"))
    peak = resident("VmHWM")
    waiting = max(len(shard.cases) - 1, 0) * _image_bytes(opened, shard)
    return _Probed(
        seconds=seconds,
        memory_mb=None if peak is None else (peak + 2 * waiting) / MEGABYTE,
        disk_mb=(scores * ROW_FILES + maps) / MEGABYTE,
    )


def _image_bytes(opened: OpenedRun, shard: Shard) -> int:
    """Return what an image of a shard that waits to be scored holds."""
    if not opened.plan.explained:
        return 0
    return max(case.size.height * case.size.width for case in shard.cases) * PIXEL


def _free_mb(folder: Path) -> float:
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(there).free / MEGABYTE


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gazebench-plan-") as folder:
        yield Path(folder)
