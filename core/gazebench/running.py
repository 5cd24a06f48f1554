"""A run from its configuration to its folder: scores, costs, checks, manifest and board."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from gazebench.engine.checks import CHECKS, Checked, checks_text
from gazebench.engine.config import RunConfig, config_from_json
from gazebench.engine.costs import COSTS, Cost, costs_text
from gazebench.engine.execute import Executed, execute, finish, get_ready
from gazebench.engine.fill import Filled, fill
from gazebench.engine.folder import (
    CACHE,
    MANIFEST,
    NOT_DECISIVE,
    claim,
    refuse_another_run,
    release,
)
from gazebench.engine.keys import content_key
from gazebench.engine.manifest import make_manifest
from gazebench.engine.opening import OpenedRun, open_run
from gazebench.engine.plan import Plan
from gazebench.engine.progress import write_goal
from gazebench.engine.store import write_bytes, write_text
from gazebench.engine.threads import one_blas_thread
from gazebench.errors import RunError, UsageError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.metric_facts import plugin_facts
from gazebench.leaderboard.run_record import read_run_record
from gazebench.leaderboard.scored_table import SUBSETS, KeptSubsets, subsets_text
from gazebench.leaderboard.subsets import known_memberships, requested_memberships
from gazebench.leaderboard.write import write_board, write_plane
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.descriptors import Metric
from gazebench.spec.events import Event, Notice, RunFinished, RunStarted
from gazebench.spec.notices import kept_notices
from gazebench.spec.suggest import suggest

if TYPE_CHECKING:
    import pandas as pd

Report = Callable[[Event], None]
LOCK = "lock"  # in the cache's folder


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """A finished run: its folder, its leaderboard and every score.

    Attributes:
        folder: holds scores.parquet, costs.csv, checks.csv, manifest.json and
            leaderboard.{json,csv,md,tex}.
        leaderboard: the ranked board as a value.
        costs: what every entry's maps cost: seconds, passes, memory.
        checks: whether entries' scores could have been had without looking at the image.
        failed_entries: entries without a usable map on any case, and why.
    """

    folder: Path
    leaderboard: Board
    failed_entries: Mapping[str, str]
    costs: tuple[Cost, ...]
    checks: tuple[Checked, ...]
    table: Any

    @property
    def scores(self) -> pd.DataFrame:
        """Every score row: dataset, case, reading, entry, kind, seed, metric, value, status."""
        return self.table.to_pandas()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of a run's cases whose scores are recorded: see `merge`."""

    folder: Path
    share: str
    filled: Filled


def run_config(config: RunConfig, *, overridden: Sequence[str], report: Report) -> Run:
    """Execute a configuration; see `gazebench.run`.

    Raises:
        UsageError: only a share of the cases is asked for: see `run_share`.
        GazeBenchError: whatever is wrong with names, files, weights or the output folder.
    """
    if config.shard:
        raise UsageError(
            f"the share {config.shard} of a run has no leaderboard",
            do="call gazebench.run_share for every share, then gazebench.merge",
        )
    host = Host(files=config.plugins)
    opened = checked(config, host)
    with _folder_of(opened) as folder:
        return _run_in(folder, opened, host, overridden, report)


def run_share(config: RunConfig, *, overridden: Sequence[str], report: Report) -> Share:
    """Record the scores of a share of the cases; `merge` makes a run of all shares.

    Raises:
        GazeBenchError: whatever is wrong with names, files, weights or the output folder.
    """
    host = Host(files=config.plugins)
    opened = checked(config, host)
    with _folder_of(opened) as folder:
        _write_manifest(folder, opened, overridden, status="running")
        with one_blas_thread():
            _announce(opened, report)
            heard = _with_hooks(host, report)
            ready = get_ready(opened, cache_of(folder, config), _session(), heard)
            shards = ready.shards()
            write_goal(folder, ready.cache, ready.columns, shards)
            filled = fill(ready, shards, heard)
        _write_manifest(folder, opened, overridden, status=f"share {config.shard}")
    return Share(folder=folder, share=config.shard, filled=filled)


def merge(folders: Sequence[Path], out: Path, *, report: Report) -> Run:
    """Make one run of the folders of all its shares.

    Raises:
        UsageError: a folder holds no share, or another run's; a share is missing.
        RunError: the scores of a share are not whole; `out` cannot be written.
        GazeBenchError: the run's data, plugins or weights are not there any more.
    """
    configs = [_config_of(folder) for folder in folders]
    if not configs:
        raise UsageError("there is no share to merge", do="give the folder of every share")
    for folder, config in zip(folders, configs, strict=True):
        if _decisive(config) != _decisive(configs[0]):
            raise UsageError(
                f"{folder} is a share of another run than {folders[0]}",
                do="merge the shares of one configuration",
            )
    _refuse_missing_shares([config.shard for config in configs])
    host = Host(files=configs[0].plugins)
    opened = checked(replace(configs[0], shard="", workers=1, scheduler="", out=out), host)
    with _folder_of(opened) as folder:
        for given, config in zip(folders, configs, strict=True):
            _copy_scores(cache_of(given, config), cache_of(folder, opened.config))
        return _run_in(folder, opened, host, [], report, compute=False)


def plan_run(config: RunConfig) -> Plan:
    """Return what a configuration would score, without scoring it."""
    return checked(config, Host(files=config.plugins)).plan


def default_folder(config: RunConfig, dataset: str) -> Path:
    """Name a run's folder after what it computes, so that the same command finds it again."""
    share = f"-{config.shard.replace('/', '-of-')}" if config.shard else ""
    return Path("runs") / f"{dataset}-{content_key(_decisive(config))[:8]}{share}"


def _decisive(config: RunConfig) -> dict[str, Any]:
    return {key: value for key, value in config.as_json().items() if key not in NOT_DECISIVE}


def checked(config: RunConfig, host: Host) -> OpenedRun:
    """Open a run, and refuse what could not be shown at its end."""
    opened = open_run(config, host)
    _check_board(opened, host)
    return opened


@contextmanager
def _folder_of(opened: OpenedRun) -> Iterator[Path]:
    """Claim a run's folder for this process alone; it is released where nothing came of it."""
    config = opened.config
    folder = claim(config.out or default_folder(config, opened.name))
    refuse_another_run(folder, config.as_json())
    (folder / CACHE).mkdir(exist_ok=True)
    lock = FileLock(folder / CACHE / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunError(
            f"another process is at work in {folder}",
            do="wait for it, or choose another folder with --out",
        ) from None
    try:
        yield folder
    except BaseException:
        lock.release()
        release(folder)
        raise
    lock.release()


def cache_of(folder: Path, config: RunConfig) -> Path:
    """Return where a run records its scores."""
    return config.cache or folder / CACHE


def _session() -> str:
    return uuid.uuid4().hex


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
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                write_bytes(target, path.read_bytes())


def _run_in(
    folder: Path,
    opened: OpenedRun,
    host: Host,
    overridden: Sequence[str],
    report: Report,
    *,
    compute: bool = True,
) -> Run:
    start = time.perf_counter()
    _write_manifest(folder, opened, overridden, status="running")
    heard = _with_hooks(host, report)
    with one_blas_thread():
        _announce(opened, report)
        ready = get_ready(opened, cache_of(folder, opened.config), _session(), heard)
        shards = ready.shards()
        write_goal(folder, ready.cache, ready.columns, shards)
        make = execute if compute else finish
        executed = make(ready, shards, folder, heard)
    subsets = requested_memberships(opened.config.subsets, executed.cases, host)
    kept = KeptSubsets(shown=subsets, others=known_memberships(executed.cases, host))
    write_text(folder / SUBSETS, subsets_text(kept))
    board = _board(opened, subsets, executed)
    write_text(folder / COSTS, costs_text(executed.costs))
    write_text(folder / CHECKS, checks_text(executed.checks))
    write_plane(board, folder)
    write_board(board, folder, host)
    seconds = time.perf_counter() - start
    _write_manifest(folder, opened, overridden, status="finished", executed=executed)
    _with_hooks(host, report)(
        RunFinished(folder=str(folder), rows=executed.scores.num_rows, seconds=seconds)
    )
    return Run(
        folder=folder,
        leaderboard=board,
        failed_entries=executed.failed_entries,
        costs=executed.costs,
        checks=executed.checks,
        table=executed.scores,
    )


def _check_board(opened: OpenedRun, host: Host) -> None:
    """Refuse what could not be shown at the end, before anything is computed."""
    requested_memberships(opened.config.subsets, opened.cases, host)
    labels = [metric.label for metric in opened.plan.metrics]
    if opened.config.rank_by and opened.config.rank_by not in labels:
        raise UsageError(
            f"cannot rank by {opened.config.rank_by!r}: it is not among the metrics of this run",
            do=suggest(opened.config.rank_by, labels) or f"choose one of {', '.join(labels)}",
        )


def _metric_columns(plan: Plan) -> dict[str, MetricColumn]:
    columns = {}
    for plugin in plan.metrics:
        descriptor = plugin.descriptor
        assert isinstance(descriptor, Metric)
        columns[plugin.label] = plugin_facts(plugin.label, descriptor)
    return columns


def _board(opened: OpenedRun, subsets: Mapping[str, frozenset[str]], executed: Executed) -> Board:
    config = opened.config
    return build_board(
        executed.scores,
        metrics=_metric_columns(opened.plan),
        interval=config.interval,
        rank_by=config.rank_by or None,
        subsets=subsets,
        dataset=opened.compared_with,
        reference=opened.reference.label,
        centre_bias=config.centre_bias,
        notices=executed.notices,
        not_applicable=opened.plan.not_applicable,
        resamples=config.resamples,
    )


def _announce(opened: OpenedRun, report: Report) -> None:
    report(
        RunStarted(
            dataset=opened.name,
            cases=len(opened.cases),
            readings=sum(len(case.readings) for case in opened.cases),
            entries=opened.plan.entries,
            metrics=tuple(metric.label for metric in opened.plan.metrics),
            not_applicable=opened.plan.not_applicable,
        )
    )


def _with_hooks(host: Host, report: Report) -> Report:
    """Let hooks hear every event, then the caller."""

    def both(event: Event) -> None:
        report(event)
        for fault in host.event(event):
            report(Notice(message=fault.as_error().message))

    return both


def _write_manifest(
    folder: Path,
    opened: OpenedRun,
    overridden: Sequence[str],
    *,
    status: str,
    executed: Executed | None = None,
) -> None:
    manifest = make_manifest(
        config=opened.config,
        overridden=overridden,
        plan=opened.plan,
        dataset=opened.plugin,
        reference=opened.reference,
        fingerprint=asked(opened.plugin, " for its fingerprint", opened.dataset.fingerprint),
        is_restricted=opened.is_restricted,
        weights=opened.weights,
        status=status,
        notices=executed.notices if executed else kept_notices(opened.notices),
        timings=executed.timings if executed else None,
    )
    write_text(folder / MANIFEST, manifest.as_text())
