"""Record what is missing: in this process, in others, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.allowance import Allowance
from gazebench.engine.config import share_of
from gazebench.engine.counting import Count, maps_to_make
from gazebench.engine.executors.cluster import record_on_cluster
from gazebench.engine.executors.here import record_here
from gazebench.engine.executors.processes import record_in_processes
from gazebench.engine.executors.task import Recorded, Work
from gazebench.engine.folder import AT_WORK
from gazebench.engine.ready import Ready
from gazebench.engine.shards import Shard
from gazebench.engine.witness import left_behind
from gazebench.spec.events import Event, Notice

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


def fill(ready: Ready, shards: Sequence[Shard], report: Report, folder: Path) -> Filled:
    """Record every missing column of the shards of this share, and report every case done.

    Raises:
        GazeBenchError: whatever is wrong with data, plugins, the cache or the cluster; what is
            recorded so far is kept. Where failures end a run, `folder` tells of them.
    """
    _tell_what_was_at_work(ready, report)
    first, step = share_of(ready.opened.config.shard)
    share = shards[first::step]
    missing = {s.index: ready.missing(s) for s in share}
    todo = [shard for shard in share if missing[shard.index]]
    cases = sum(len(shard.cases) for shard in share)
    count = Count(
        report,
        cases=cases,
        maps=maps_to_make(ready.opened.plan, todo, missing),
    )
    allowance = Allowance(
        ready.opened.config.max_failures, ready.store, ready.columns, cases=cases, folder=folder
    )
    for shard in share:
        if not missing[shard.index]:
            count.case(len(shard.cases))
            allowance.recorded(shard)
    if _is_shared_out(ready):
        by_index = {shard.index: shard for shard in todo}
        for done in _recorded_elsewhere(ready, todo):
            allowance.recorded(by_index[done.index])
            count.case(done.cases)
            for explained, images in done.maps.items():
                count.maps(explained, images)
    elif todo:
        record_here(ready, todo, missing, count, allowance)
    made = sum(map(len, missing.values()))
    return Filled(shards=len(share), found=len(ready.columns.all) * len(share) - made, made=made)


def _tell_what_was_at_work(ready: Ready, report: Report) -> None:
    """Say what an earlier attempt was at when its process ended, which nobody could say then."""
    if ready.opened.config.cache is not None:
        return  # others may be at work there
    for folder in sorted((ready.cache / AT_WORK).glob("*")):
        for one in left_behind(folder):
            doing = f"{one.call.plugin} ({one.call.about})"
            message = (
                f"an earlier attempt was killed, or ended by a plugin, while it was at {doing}; "
                "with --workers 2 a plugin that ends its process costs itself alone"
            )
            report(Notice(message=message))


def _is_shared_out(ready: Ready) -> bool:
    config = ready.opened.config
    return bool(config.scheduler) or config.workers > 1


def _recorded_elsewhere(ready: Ready, todo: Sequence[Shard]) -> Iterator[Recorded]:
    config, indexes = ready.opened.config, [shard.index for shard in todo]
    if not indexes:
        return
    if config.scheduler:
        yield from record_on_cluster(_work(ready), indexes, config.scheduler)
    else:
        yield from record_in_processes(_work(ready), indexes, config.workers)


def _work(ready: Ready) -> Work:
    import torch

    config = ready.opened.config
    absolute = replace(
        config,
        data_root=_absolute(config.data_root),
        rescored=_absolute(config.rescored),
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
