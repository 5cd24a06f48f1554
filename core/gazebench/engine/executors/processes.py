"""Tasks in other processes of this machine; a process that dies costs its task a second try."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from gazebench.engine.executors.task import Recorded, Work, record
from gazebench.errors import RunError

TRIES = 3  # of a task whose process dies


def record_in_processes(work: Work, indexes: Sequence[int], workers: int) -> Iterator[Recorded]:
    """Record shards in so many processes; yield each when it is done, in any order.

    A process that is killed, or runs out of memory, takes its companions with it; what they have
    recorded is kept, and the rest is given to new ones.

    Raises:
        GazeBenchError: what a task raised; the other tasks at work are waited for.
        RunError: the same task was lost with its process again and again.
    """
    left, lost = list(indexes), dict.fromkeys(indexes, 0)
    while left:
        try:
            for done in _round(work, tuple(left), workers):
                left.remove(done.index)
                yield done
        except _LostError as error:
            for index in error.at_work:
                lost[index] += 1
            worst = max(lost, key=lambda index: lost[index])
            if lost[worst] >= TRIES:
                raise RunError(
                    f"a process died {TRIES} times while it scored shard {worst + 1}",
                    do="take fewer --workers if memory is short; else look for the plugin that "
                    "kills its process with --workers 1",
                ) from None


class _LostError(Exception):
    """The pool broke; these tasks were at work."""

    def __init__(self, at_work: Sequence[int]) -> None:
        super().__init__()
        self.at_work = tuple(at_work)


def _round(work: Work, indexes: Sequence[int], workers: int) -> Iterator[Recorded]:
    """Record shards until all are done or a process dies."""
    waiting = iter(indexes)
    # Forked processes would inherit locks of torch's threads that nobody opens again.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        at_work: dict[Future[Recorded], int] = {}
        for index in waiting:
            at_work[pool.submit(record, work, index)] = index
            if len(at_work) == workers:
                break
        try:
            while at_work:
                finished, _ = wait(at_work, return_when=FIRST_COMPLETED)
                for future in finished:
                    done = future.result()
                    del at_work[future]
                    yield done
                    following = next(waiting, None)
                    if following is not None:
                        at_work[pool.submit(record, work, following)] = following
        except BrokenProcessPool:
            raise _LostError(list(at_work.values())) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
