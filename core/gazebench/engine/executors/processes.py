"""Tasks in other processes of this machine; a process that dies costs its task a second try.

A task that was lost is tried in a process of its own, where it can be seen which call of a plugin
was at work when the process ended: that call counts as failed, and the task is tried without it.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize

from gazebench.engine.executors.task import Recorded, Work, record
from gazebench.engine.witness import Death, left_behind
from gazebench.errors import RunError

TRIES = 3  # of a task whose process dies, no plugin knows why
FROM_OUTSIDE = frozenset(
    -getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT") if hasattr(signal, name)
)  # exit codes of processes that somebody else ended, or that took too much memory


def record_in_processes(work: Work, indexes: Sequence[int], workers: int) -> Iterator[Recorded]:
    """Record shards in so many processes; yield each when it is done, in any order.

    A process that is killed, or runs out of memory, takes its companions with it; what they have
    recorded is kept, and the rest is given to new ones.

    Raises:
        GazeBenchError: what a task raised; the other tasks at work are waited for.
        RunError: the same task was lost with its process again and again.
    """
    left = list(indexes)
    try:
        while left:
            try:
                for done in _round(work, tuple(left), workers):
                    left.remove(done.index)
                    yield done
            except _LostError as error:
                for index in error.at_work:
                    done, work = _alone(work, index)
                    left.remove(index)
                    yield done
    finally:
        shutil.rmtree(work.at_work, ignore_errors=True)


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
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_at_once) as pool:
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


def _alone(work: Work, index: int) -> tuple[Recorded, Work]:
    """Record a shard in a process of its own, without the calls that end it.

    Gives the work, too, with the calls that nobody shall make again.
    """
    lost = 0
    while lost < TRIES:
        left_behind(work.at_work)  # of processes that ended with another
        # One thread, so that one call at most is at work; the scores are the same.
        alone = replace(work, config=replace(work.config, threads=1))
        found = _in_one_process(alone, index)
        if isinstance(found, Recorded):
            return found, work
        if isinstance(found, Exception):
            raise found
        death = _death(work, found)
        if death is None:
            lost += 1
        else:
            work = replace(work, deaths=(*work.deaths, death))
    raise RunError(
        f"a process died {TRIES} times while it scored shard {index + 1}",
        do="take fewer --workers if memory is short; else look for the plugin that kills its "
        "process with --workers 1",
    )


def _in_one_process(work: Work, index: int) -> Recorded | Exception | int:
    """Return what came of a task in a new process, or the process's exit code where it died."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(there, work, index))
    process.start()
    there.close()
    try:
        found: Recorded | Exception = here.recv()
    except EOFError:
        process.join()
        return process.exitcode or 0
    except BaseException:
        process.kill()
        raise
    finally:
        here.close()
    process.join()
    return found


def _end_at_once() -> None:
    """Let this process end when its tasks are done, whatever threads plugins have left at work."""
    Finalize(None, os._exit, args=(0,), exitpriority=-1)


def _send(there: Connection, work: Work, index: int) -> None:
    _end_at_once()
    try:
        there.send(record(work, index))
    except Exception as error:  # noqa: BLE001 - raised again on the other side
        there.send(error)


def _death(work: Work, code: int) -> Death | None:
    """Return which call ended a process; None where none did, or nobody can tell."""
    calls = left_behind(work.at_work)
    if len(calls) != 1 or code in FROM_OUTSIDE:
        return None
    ((call, seconds),) = calls
    limit = work.config.plugin_timeout
    if limit is not None and seconds > limit:
        return Death(call, f"did not return in {limit:g} s, and its process was ended")
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return Death(call, f"ended its process ({how})")
