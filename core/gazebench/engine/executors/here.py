"""Shards in this process: while one is scored on threads, the maps of the next are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from gazebench.engine.allowance import Allowance
from gazebench.engine.columns import Keyed
from gazebench.engine.counting import Count
from gazebench.engine.folder import AT_WORK
from gazebench.engine.ready import Ready
from gazebench.engine.shard_store import Part
from gazebench.engine.shards import Shard
from gazebench.engine.threads import Threads, available_threads
from gazebench.engine.worker import Explained, ShardWorker


def record_here(
    ready: Ready,
    todo: Sequence[Shard],
    missing: Mapping[int, Sequence[Keyed]],
    count: Count,
    allowance: Allowance,
) -> None:
    """Record shards one after the other; at most two are in memory.

    Raises:
        GazeBenchError: whatever is wrong with data, plugins or the cache; a shard whose maps were
            made is recorded first.
    """
    with Threads(ready.opened.config.threads or available_threads()) as threads:
        at_work = ready.cache / AT_WORK / ready.session
        worker = ShardWorker(ready.opened, ready.source, ready.selection, threads, ready.maps)
        with (
            ready.opened.witness.noting(at_work),
            _Behind(worker, ready, count, allowance) as behind,
        ):
            for shard in todo:
                made = worker.explain(shard, missing[shard.index], on_maps=count.maps)
                behind.score(made)


class _Behind:
    """Scores what was explained last, on a thread of its own, and records it."""

    def __init__(
        self, worker: ShardWorker, ready: Ready, count: Count, allowance: Allowance
    ) -> None:
        self._worker, self._store, self._count = worker, ready.store, count
        self._allowance = allowance
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="gazebench-scoring")
        self._stopped = Event()
        self._pending: tuple[Shard, Future[Part]] | None = None

    def __enter__(self) -> _Behind:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, Exception):
            self._stopped.set()  # Ctrl-C: what is at work ends with its case
        try:
            if not self._stopped.is_set():
                self._finish()
        finally:
            self._pool.shutdown()

    def score(self, explained: Explained) -> None:
        """Score a shard's maps as soon as the shard before is recorded."""
        self._finish()
        future = self._pool.submit(self._worker.score, explained, on_case=self._scored)
        self._pending = explained.shard, future

    def _finish(self) -> None:
        if self._pending is not None:
            shard, future = self._pending
            self._pending = None
            self._store.add(shard, future.result())
            self._allowance.recorded(shard)

    def _scored(self) -> None:
        if self._stopped.is_set():
            raise KeyboardInterrupt
        self._count.case()
