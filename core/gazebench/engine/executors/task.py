"""One task in a process of its own: open the run once, then record one shard after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gazebench.engine.config import RunConfig
from gazebench.engine.folder import AT_WORK
from gazebench.engine.witness import Death

if TYPE_CHECKING:
    from gazebench.engine.ready import Ready
    from gazebench.engine.worker import ShardWorker


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a process has to know: plain values, the same for every task of a run.

    Attributes:
        config: of the run; its paths must lead to the same files everywhere.
        cache: the folder that all processes record in.
        session: keys what nobody may take from a cache later.
        torch_threads: of one operation; another number may move the last digits of a map.
        deaths: calls of plugins that ended a process, and are not made again.
    """

    config: RunConfig
    cache: Path
    session: str
    torch_threads: int
    deaths: tuple[Death, ...] = ()

    @property
    def at_work(self) -> Path:
        """Where processes note what they are at."""
        return self.cache / AT_WORK / self.session

    def __hash__(self) -> int:
        return hash((self.session, str(self.cache)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A shard that is recorded now.

    Attributes:
        columns: how many were missing, and are there now.
        maps: a model's method -> images that it explained now.
    """

    index: int
    cases: int
    columns: int
    maps: Mapping[str, int] = field(default_factory=dict)


def record(work: Work, index: int) -> Recorded:
    """Record what is missing of one shard, in this process.

    Raises:
        GazeBenchError: whatever is wrong with data, plugins, weights or the cache.
    """
    import torch

    from gazebench.engine.shards import shard_at
    from gazebench.engine.threads import one_blas_thread

    maps: Counter[str] = Counter()

    def heard(explained: str, images: int) -> None:
        maps[explained] += images

    with one_blas_thread():
        ready, worker = _opened(work)
        # Here, each time: limits of BLAS that are lifted take torch's own with them.
        torch.set_num_threads(work.torch_threads)
        shard = shard_at(ready.opened, ready.selection.scored, index)
        missing = ready.missing(shard)
        if missing:
            explained = worker.explain(shard, missing, on_maps=heard)
            ready.store.add(shard, worker.score(explained))
    cases, columns = len(shard.cases), len(missing)
    return Recorded(index=index, cases=cases, columns=columns, maps=dict(maps))


@lru_cache(maxsize=1)
def _opened(work: Work) -> tuple[Ready, ShardWorker]:
    """Open a run in this process: models are loaded once, however many tasks it is given."""
    from gazebench.engine.opening import open_run
    from gazebench.engine.ready import make_ready
    from gazebench.engine.threads import Threads
    from gazebench.engine.worker import ShardWorker
    from gazebench.registry.host import Host

    opened = open_run(work.config, Host(files=work.config.plugins), work.deaths)
    opened.witness.note(work.at_work, limit_s=work.config.plugin_timeout)
    ready = make_ready(opened, work.cache, session=work.session, report=lambda _event: None)
    threads = Threads(work.config.threads or 1)
    return ready, ShardWorker(opened, ready.source, ready.selection, threads, ready.maps)
