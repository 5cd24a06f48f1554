"""A run from its configuration to its folder: scores, costs, checks, manifest and board."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazebench.engine.checks import Checked, checks_text
from gazebench.engine.config import RunConfig
from gazebench.engine.costs import Cost, costs_text, read_costs
from gazebench.engine.execute import Executed, execute, finish, get_ready
from gazebench.engine.folder import CHECKS, COSTS, MANIFEST
from gazebench.engine.keep import write_kept
from gazebench.engine.manifest import make_manifest
from gazebench.engine.opening import OpenedRun, open_run
from gazebench.engine.plan import Plan
from gazebench.engine.progress import write_goal
from gazebench.engine.ready import Ready
from gazebench.engine.shards import Shard
from gazebench.engine.store import write_text
from gazebench.engine.threads import one_blas_thread
from gazebench.engine.worker import Timings
from gazebench.errors import UsageError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.metric_facts import plugin_facts
from gazebench.leaderboard.scored_table import SUBSETS, KeptSubsets, subsets_text
from gazebench.leaderboard.subsets import known_memberships, requested_memberships
from gazebench.leaderboard.write import write_board, write_plane
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.running.folders import cache_of, folder_of, new_session
from gazebench.running.log import logged
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.descriptors import Metric
from gazebench.spec.events import Event, Notice, RunFinished, RunStarted
from gazebench.spec.notices import kept_notices
from gazebench.spec.suggest import suggest

if TYPE_CHECKING:
    import pandas as pd

Report = Callable[[Event], None]


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


def run_config(config: RunConfig, *, overridden: Sequence[str], report: Report) -> Run:
    """Execute a configuration; see `gazebench.run`.

    Raises:
        UsageError: only a share of the cases is asked for: see `gazebench.running.shares`.
        GazeBenchError: whatever is wrong with names, files, weights or the output folder.
    """
    if config.shard:
        raise UsageError(
            f"the share {config.shard} of a run has no leaderboard",
            do="use `gazebench run --shard I/N` for every share, then gazebench.merge",
        )
    host = Host(files=config.plugins)
    opened = checked(config, host)
    with folder_of(opened) as folder:
        return run_in(folder, opened, host, overridden, report)


def checked(config: RunConfig, host: Host) -> OpenedRun:
    """Open a run, and refuse what could not be shown at its end."""
    opened = open_run(config, host)
    _check_board(opened, host)
    return opened


def run_in(
    folder: Path,
    opened: OpenedRun,
    host: Host,
    overridden: Sequence[str],
    report: Report,
    *,
    compute: bool = True,
) -> Run:
    with logged(folder, with_hooks(host, report)) as heard:
        start, timings = time.perf_counter(), Timings()
        write_manifest(folder, opened, overridden, status="running")
        with one_blas_thread():
            announce(opened, heard)
            ready = get_ready(opened, cache_of(folder, opened.config), new_session(), heard)
            with timings.of("hashing"):
                shards = ready.shards()
            note_work(folder, ready, shards)
            make = execute if compute else finish
            executed = make(ready, shards, folder, heard)
        with timings.of("board"):
            board = _write_results(folder, opened, host, executed)
        seconds = time.perf_counter() - start
        executed = replace(
            executed,
            timings={**executed.timings, **timings.take()},
            costs=_costs(opened, executed),
        )
        write_manifest(
            folder, opened, overridden, status="finished", executed=executed, seconds=seconds
        )
        rows = executed.scores.num_rows
        heard(RunFinished(folder=str(folder), rows=rows, seconds=seconds))
    return Run(
        folder=folder,
        leaderboard=board,
        failed_entries=executed.failed_entries,
        costs=executed.costs,
        checks=executed.checks,
        table=executed.scores,
    )


def _write_results(folder: Path, opened: OpenedRun, host: Host, executed: Executed) -> Board:
    """Write everything that is made of the scores."""
    subsets = requested_memberships(opened.config.subsets, executed.cases, host)
    kept = KeptSubsets(shown=subsets, others=known_memberships(executed.cases, host))
    write_text(folder / SUBSETS, subsets_text(kept))
    board = _board(opened, subsets, executed)
    write_text(folder / COSTS, costs_text(_costs(opened, executed)))
    write_text(folder / CHECKS, checks_text(executed.checks))
    write_plane(board, folder)
    write_board(board, folder, host)
    return board


def _costs(opened: OpenedRun, executed: Executed) -> tuple[Cost, ...]:
    """Return what the maps cost, where they were kept as the run that made them says."""
    return executed.costs if opened.kept is None else read_costs(opened.kept.folder)


def note_work(folder: Path, ready: Ready, shards: Sequence[Shard]) -> None:
    """Note what is to be recorded and kept, before it is; see whether kept maps still fit."""
    if ready.opened.kept is not None:
        for shard in shards:
            ready.opened.kept.check([case.id for case in shard.cases], shard.images)
    write_goal(folder, ready.cache, ready.columns, shards)
    if ready.opened.config.keep_maps:
        write_kept(folder, ready.cache, ready.opened, ready.columns, shards)


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


def announce(opened: OpenedRun, report: Report) -> None:
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


def with_hooks(host: Host, report: Report) -> Report:
    """Let hooks hear every event, then the caller."""

    def both(event: Event) -> None:
        report(event)
        for fault in host.event(event):
            report(Notice(message=fault.as_error().message))

    return both


def write_manifest(
    folder: Path,
    opened: OpenedRun,
    overridden: Sequence[str],
    *,
    status: str,
    executed: Executed | None = None,
    seconds: float | None = None,
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
        seconds=seconds,
        kept=opened.kept,
    )
    write_text(folder / MANIFEST, manifest.as_text())
