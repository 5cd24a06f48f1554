"""What is recorded of a run, and what is not: without scoring anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gazebench.engine.config import RunConfig
from gazebench.engine.progress import Progress, explained_misses, progress, read_goal
from gazebench.engine.ready import make_ready
from gazebench.engine.threads import one_blas_thread
from gazebench.errors import RunError
from gazebench.leaderboard.run_record import read_run_record
from gazebench.registry.host import Host
from gazebench.running.folders import cache_of, default_folder, is_claimed
from gazebench.running.run import checked

RUNNING = "running"  # what a manifest says until its run is through


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far a run is.

    Attributes:
        said: by its manifest: "finished", "share I/N" or "running"; "stopped" where a manifest that
            says "running" belongs to no process any more.
        command: that goes on with it.
        progress: None where it was ended before it knew what to score.
    """

    folder: Path
    said: str
    command: str
    progress: Progress | None


def explain_cache(config: RunConfig) -> tuple[tuple[str, str], ...]:
    """Return what a run would have to make, entry and metric, and why it is not found.

    Raises:
        GazeBenchError: whatever is wrong with names, files or weights.
    """
    opened = checked(config, Host(files=config.plugins))
    folder = config.out or default_folder(config, opened.name)
    with one_blas_thread():
        ready = make_ready(opened, cache_of(folder, config), session="", report=lambda _event: None)
        shards = ready.shards()
    recorded = [ready.store.keys(shard) for shard in shards]
    missing = [one for one in ready.columns.all if any(one.key not in keys for keys in recorded)]
    return tuple(explained_misses(read_goal(folder), missing))


def status(folder: Path) -> Status:
    """Return how far a run is, finished or not, without its data.

    Raises:
        RunError: the folder holds no run.
    """
    record = read_run_record(folder)
    if record is None:
        raise RunError(f"{folder} holds no run", do="give the folder that `gazebench run` writes")
    said = str(record.content.get("status", ""))
    if said == RUNNING and not is_claimed(folder):
        said = "stopped"
    goal = read_goal(folder)
    return Status(
        folder=folder,
        said=said,
        command=record.command,
        progress=None if goal is None else progress(goal),
    )
