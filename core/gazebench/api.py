"""GazeBench from Python: `gazebench.run(...)` and `gazebench.rank(...)`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazebench.engine.config import RunConfig, load_config, override
from gazebench.engine.execute import Executed, execute
from gazebench.engine.folder import MANIFEST, claim, release
from gazebench.engine.keys import content_key
from gazebench.engine.manifest import make_manifest
from gazebench.engine.opening import OpenedRun, open_run
from gazebench.engine.plan import Plan
from gazebench.engine.store import write_text
from gazebench.errors import UsageError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.subsets import memberships
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.descriptors import Exporter, Metric
from gazebench.spec.events import Event, RunFinished, RunStarted
from gazebench.spec.suggest import suggest
from gazebench.spec.values import Case

if TYPE_CHECKING:
    import pandas as pd

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """A finished run: its folder, its leaderboard and every score.

    Attributes:
        folder: holds scores.parquet, manifest.json and leaderboard.{json,csv,md}.
        leaderboard: the ranked board as a value.
        failed_entries: entries without a usable map on any case, and why.
    """

    folder: Path
    leaderboard: Board
    failed_entries: Mapping[str, str]
    table: Any

    @property
    def scores(self) -> pd.DataFrame:
        """Every score row: dataset, case, reading, entry, kind, seed, metric, value, status."""
        return self.table.to_pandas()


def run(config: Path | str | None = None, *, report: Report | None = None, **settings: Any) -> Run:
    """Score saliency maps against gaze and write a ranked leaderboard.

    `config` names a TOML file; `settings` are fields of `gazebench.engine.config.RunConfig` and
    override it. `report` hears the run's events.

    Raises:
        GazeBenchError: whatever is wrong with names, files, weights or the output folder.
    """
    base = load_config(Path(config)) if config is not None else RunConfig()
    unknown = sorted(set(settings) - {item.name for item in fields(RunConfig)})
    if unknown:
        known = [item.name for item in fields(RunConfig)]
        raise UsageError(
            f"gazebench.run has no setting {unknown[0]!r}", do=suggest(unknown[0], known)
        )
    changed = override(base, {key: _plain(key, value) for key, value in settings.items()})
    return run_config(changed, overridden=sorted(settings), report=report or (lambda _event: None))


def run_config(config: RunConfig, *, overridden: Sequence[str], report: Report) -> Run:
    """Execute a configuration; see `run`."""
    host = Host(files=config.plugins)
    opened = open_run(config, host)
    folder = claim(config.out or default_folder(config, opened.name))
    try:
        return _run_in(folder, opened, host, overridden, report)
    except BaseException:
        release(folder)
        raise


_PATHS = {"data_root", "out"}


def _plain(key: str, value: Any) -> Any:
    """Accept from Python what is natural there: lists for tuples, texts for paths."""
    if key == "plugins":
        return tuple(Path(item) for item in value)
    if key in _PATHS and value is not None:
        return Path(value)
    return tuple(value) if isinstance(value, list) else value


def plan_run(config: RunConfig) -> Plan:
    """Return what a configuration would score, without scoring it."""
    return open_run(config, Host(files=config.plugins)).plan


def default_folder(config: RunConfig, dataset: str) -> Path:
    """Name a run's folder after what it computes, so that the same command finds it again."""
    return Path("runs") / f"{dataset}-{content_key(config.as_json())[:8]}"


def _run_in(
    folder: Path, opened: OpenedRun, host: Host, overridden: Sequence[str], report: Report
) -> Run:
    start = time.perf_counter()
    _write_manifest(folder, opened, overridden, status="running")
    _announce(opened, report)
    executed = execute(opened, folder, _with_hooks(host, report))
    board = _board(opened, host, executed)
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
        table=executed.scores,
    )


def write_board(board: Board, folder: Path, host: Host) -> None:
    """Write a leaderboard in every installed format: `leaderboard.<suffix>`.

    Raises:
        RunError: the folder cannot be written.
        PluginError: an exporter does not load or does not return text.
    """
    for listed in host.listed("exporter"):
        plugin = host.get("exporter", listed.full_name)
        descriptor = plugin.descriptor
        assert isinstance(descriptor, Exporter)
        write_text(folder / f"leaderboard.{descriptor.suffix}", plugin.call(board))
    host.board_written(board, folder)


def metric_columns(plugins: Sequence[Plugin]) -> dict[str, MetricColumn]:
    """Return what a board has to know about metrics, by label."""
    columns = {}
    for plugin in plugins:
        descriptor = plugin.descriptor
        assert isinstance(descriptor, Metric)
        columns[plugin.label] = MetricColumn(
            name=plugin.label,
            title=descriptor.title,
            higher_is_better=descriptor.higher_is_better,
            chance=descriptor.chance,
            version=descriptor.version,
        )
    return columns


def _board(opened: OpenedRun, host: Host, executed: Executed) -> Board:
    config = opened.config
    return build_board(
        executed.scores,
        metrics=metric_columns(opened.plan.metrics),
        interval=config.interval,
        rank_by=config.rank_by or None,
        subsets=_memberships(config, host, executed.cases),
        dataset=opened.name,
        centre_bias=config.centre_bias,
        notices=executed.notices,
        not_applicable=opened.plan.not_applicable,
        resamples=config.resamples,
    )


def _memberships(
    config: RunConfig, host: Host, cases: Sequence[Case]
) -> Mapping[str, frozenset[str]]:
    """Return which cases belong to each subset asked for."""
    names, expressions = split_subsets(config.subsets)
    plugins = [host.get("subset", name) for name in names]
    return memberships(cases, plugins, expressions)


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
        host.event(event)
        report(event)

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
        fingerprint=opened.dataset.fingerprint(),
        weights=opened.weights,
        status=status,
        notices=executed.notices if executed else opened.notices,
        timings=executed.timings if executed else None,
    )
    write_text(folder / MANIFEST, manifest.as_text())
