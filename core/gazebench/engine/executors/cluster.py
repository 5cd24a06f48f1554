"""Tasks on a Dask cluster that is there already: of SLURM, Kubernetes or a list of hosts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gazebench.engine.executors.task import Recorded, Work, record
from gazebench.errors import GazeBenchError, RunError, UsageError

RETRIES = 2  # of a task that is lost with its worker
PATIENCE = "30s"  # for the scheduler to answer


def record_on_cluster(work: Work, indexes: Sequence[int], scheduler: str) -> Iterator[Recorded]:
    """Record shards on the workers of a scheduler; yield each when it is done, in any order.

    `scheduler` is an address, or a scheduler file. Data go by path: every worker must see the
    same folders. On a GPU, only workers that declare the resource GPU are asked.

    Raises:
        UsageError: `distributed` is not installed, or no scheduler answers.
        RunError: a task was lost with its worker again and again.
        GazeBenchError: what a task raised.
    """
    if find_spec("distributed") is None:
        raise UsageError(
            "a cluster needs distributed, which is not installed",
            do="pip install 'gazebench[dask]'",
        )
    as_completed: Any = import_module("distributed").as_completed
    client = _client(scheduler)
    resources = {"GPU": 1} if work.config.device.startswith("cuda") else None
    with client:
        futures = client.map(
            lambda index: record(work, index),
            list(indexes),
            key=[f"gazebench-{work.session}-{index}" for index in indexes],
            retries=RETRIES,
            resources=resources,
            pure=False,
        )
        for future in as_completed(futures, loop=client.loop):
            yield _result(future)


def _client(scheduler: str) -> Any:
    client: Any = import_module("distributed").Client
    file = Path(scheduler)
    try:
        if file.is_file():
            return client(scheduler_file=str(file), timeout=PATIENCE, set_as_default=False)
        return client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {scheduler}: {error}",
            do="give the address that `dask scheduler` prints, or its --scheduler-file",
        ) from error


def _result(future: Any) -> Recorded:
    killed: Any = import_module("distributed").KilledWorker
    try:
        done: Recorded = future.result()
    except GazeBenchError:
        raise
    except killed as error:
        raise RunError(
            f"a task was lost with its worker more than {RETRIES} times: {error}",
            do="give the workers more memory, or look into their logs",
        ) from error
    return done
