"""Record what is missing: in this process, in others, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.config import RunConfig, share_of
from gazebench.engine.executors.cluster import record_on_cluster
from gazebench.engine.executors.processes import record_in_processes
from gazebench.engine.executors.task import Recorded, Work
from gazebench.engine.ready import Ready
from gazebench.engine.shards import Shard
from gazebench.engine.threads import Threads, available_threads
from gazebench.engine.worker import ShardWorker, missing_of
from gazebench.spec.events import Event, StageAdvanced

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What recording took.

    Attributes:
        shards: of this share of the cases.
        found: columns of shards that were recorded already.
        made: those that were recorded now.
    """

    shards: int
    found: int
    made: int


def fill(ready: Ready, shards: Sequence[Shard], report: Report) -> Filled:
    """Record every missing column of the shards of this share, and report every case done.

    Raises:
        GazeBenchError: whatever is wrong with data, plugins, the cache or the cluster; what is
            recorded so far is kept.
    """
    config = ready.opened.config
    first, step = share_of(config.shard)
    share = shards[first::step]
    count = _Count(report, total=sum(len(shard.cases) for shard in share))
    missing = {s.index: len(missing_of(ready.columns, ready.store.keys(s))) for s in share}
    todo = [shard for shard in share if missing[shard.index]]
    for shard in share:
        if not missing[shard.index]:
            count.advance(len(shard.cases))
    for done in _recorded(ready, todo, config, count):
        count.advance(done.cases)
    made = sum(missing.values())
    return Filled(shards=len(share), found=len(ready.columns.all) * len(share) - made, made=made)


def _recorded(
    ready: Ready, todo: Sequence[Shard], config: RunConfig, count: _Count
) -> Iterator[Recorded]:
    indexes = [shard.index for shard in todo]
    if not todo:
        return
    if config.scheduler:
        yield from record_on_cluster(_work(ready), indexes, config.scheduler)
    elif config.workers > 1:
        yield from record_in_processes(_work(ready), indexes, config.workers)
    else:
        _here(ready, todo, count)


def _here(ready: Ready, todo: Sequence[Shard], count: _Count) -> None:
    """Record in this process, where every case can be reported when it is done."""
    with Threads(ready.opened.config.threads or available_threads()) as threads:
        worker = ShardWorker(ready.opened, ready.source, ready.selection, threads, ready.maps)
        for shard in todo:
            missing = missing_of(ready.columns, ready.store.keys(shard))
            part = worker.work(shard, missing, on_case=count.advance)
            ready.store.add(shard, part)


def _work(ready: Ready) -> Work:
    import torch

    config = ready.opened.config
    absolute = replace(
        config,
        data_root=_absolute(config.data_root),
        plugins=tuple(path.absolute() for path in config.plugins),
        maps=tuple(path.absolute() for path in config.maps),
        workers=1,
        scheduler="",
    )
    return Work(
        config=absolute,
        cache=ready.cache.absolute(),
        session=ready.session,
        torch_threads=torch.get_num_threads(),
    )


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


class _Count:
    """Counts cases, and reports each."""

    def __init__(self, report: Report, *, total: int) -> None:
        self._report, self._total, self._done = report, total, 0

    def advance(self, cases: int = 1) -> None:
        for _ in range(cases):
            self._done += 1
            self._report(StageAdvanced(stage="scoring", done=self._done, total=self._total))
