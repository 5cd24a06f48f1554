"""Shares of a run, recorded anywhere, and the run that they make together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.config import RunConfig, config_from_json
from gazebench.engine.execute import get_ready
from gazebench.engine.fill import Filled, fill
from gazebench.engine.store import make_folder, write_bytes
from gazebench.engine.threads import one_blas_thread
from gazebench.errors import UsageError
from gazebench.leaderboard.run_record import read_run_record
from gazebench.registry.host import Host
from gazebench.running.folders import cache_of, decisive, folder_of, new_session
from gazebench.running.log import logged
from gazebench.running.run import (
    Run,
    announce,
    checked,
    note_work,
    run_in,
    with_hooks,
    write_manifest,
)
from gazebench.spec.events import Event

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of a run's cases whose scores are recorded: see `merge`."""

    folder: Path
    share: str
    filled: Filled


def run_share(config: RunConfig, *, overridden: Sequence[str], report: Report) -> Share:
    """Record the scores of a share of the cases; `merge` makes a run of all shares.

    Raises:
        GazeBenchError: whatever is wrong with names, files, weights or the output folder.
    """
    host = Host(files=config.plugins)
    opened = checked(config, host)
    with folder_of(opened) as folder, logged(folder, with_hooks(host, report)) as heard:
        write_manifest(folder, opened, overridden, status="running")
        with one_blas_thread():
            announce(opened, heard)
            ready = get_ready(opened, cache_of(folder, config), new_session(), heard)
            shards = ready.shards()
            note_work(folder, ready, shards)
            filled = fill(ready, shards, heard, folder)
        write_manifest(folder, opened, overridden, status=f"share {config.shard}")
    return Share(folder=folder, share=config.shard, filled=filled)


def merge(folders: Sequence[Path], out: Path, *, report: Report) -> Run:
    """Make one run of the folders of all its shares.

    Raises:
        UsageError: a folder holds no share, or another run's; a share is missing; `out` is one.
        RunError: the scores of a share are not whole; `out` cannot be written.
        GazeBenchError: the run's data, plugins or weights are not there any more.
    """
    configs = [_config_of(folder) for folder in folders]
    if not configs:
        raise UsageError("there is no share to merge", do="give the folder of every share")
    for folder, config in zip(folders, configs, strict=True):
        if decisive(config) != decisive(configs[0]):
            raise UsageError(
                f"{folder} is a share of another run than {folders[0]}",
                do="merge the shares of one configuration",
            )
    _refuse_missing_shares([config.shard for config in configs])
    if any(folder.resolve() == out.resolve() for folder in folders):
        raise UsageError(
            f"{out} is a share, which the run would replace", do="choose another --out"
        )
    host = Host(files=configs[0].plugins)
    opened = checked(replace(configs[0], shard="", workers=1, scheduler="", out=out), host)
    with folder_of(opened) as folder:
        for given, config in zip(folders, configs, strict=True):
            _copy_scores(cache_of(given, config), cache_of(folder, opened.config))
        return run_in(folder, opened, host, [], report, compute=False)


def _config_of(folder: Path) -> RunConfig:
    record = read_run_record(folder)
    if record is None:
        raise UsageError(
            f"{folder} holds no share of a run", do="give the folders of `run --shard`"
        )
    return config_from_json(record.content.get("config", {}))


def _refuse_missing_shares(shares: Sequence[str]) -> None:
    numbers = {share.partition("/")[2] for share in shares}
    if "" in shares or len(numbers) != 1:
        raise UsageError(
            f"these are not the shares of one run: {', '.join(share or 'all' for share in shares)}",
            do="give the folders of `run --shard 1/N` to `run --shard N/N`",
        )
    (number,) = numbers
    missing = {f"{one}/{number}" for one in range(1, int(number) + 1)} - set(shares)
    if missing:
        raise UsageError(
            f"the share {min(missing)} is missing",
            do=f"run the same command with --shard {min(missing)}",
        )


def _copy_scores(given: Path, to: Path) -> None:
    """Copy what a share has recorded; what is there already is the same."""
    for path in sorted(given.glob("*/**/*")):
        if path.is_file() and path.suffix in {".parquet", ".npz"} and not path.is_symlink():
            target = to / path.relative_to(given)
            if not target.exists():
                make_folder(target.parent)
                write_bytes(target, path.read_bytes())
