"""GazeBench from Python: `gazebench.run(...)` and `gazebench.rank(...)`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazebench.engine.checks import CHECKS, Checked, checks_text
from gazebench.engine.config import RunConfig, load_config, override
from gazebench.engine.costs import COSTS, Cost, costs_text
from gazebench.engine.execute import Executed, execute
from gazebench.engine.folder import MANIFEST, NOT_DECISIVE, claim, refuse_another_run, release
from gazebench.engine.keys import content_key
from gazebench.engine.manifest import make_manifest
from gazebench.engine.opening import OpenedRun, open_run
from gazebench.engine.plan import Plan
from gazebench.engine.store import write_text
from gazebench.engine.threads import one_blas_thread
from gazebench.errors import UsageError
from gazebench.leaderboard.aggregate import build_board
from gazebench.leaderboard.compare import EntryComparison, compare_entries
from gazebench.leaderboard.contrast_values import SubsetAnalysis
from gazebench.leaderboard.contrasts import Wanted
from gazebench.leaderboard.contrasts import analyse_subsets as contrast_subsets
from gazebench.leaderboard.explain import explain as explain_number
from gazebench.leaderboard.explanation import Explanation
from gazebench.leaderboard.metric_facts import plugin_facts
from gazebench.leaderboard.pool import ALL
from gazebench.leaderboard.rank_table import TableOptions, rank_table
from gazebench.leaderboard.replicate import replicate as replicate_tables
from gazebench.leaderboard.replication import Replicated
from gazebench.leaderboard.scored_table import SUBSETS, KeptSubsets, TableRoles, subsets_text
from gazebench.leaderboard.subset_choice import read_with_subsets, subsets_to_analyse
from gazebench.leaderboard.subsets import known_memberships, requested_memberships
from gazebench.leaderboard.write import write_board, write_plane
from gazebench.publish.rebuild import rebuild as rebuild_boards
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.descriptors import Metric
from gazebench.spec.events import Event, Notice, RunFinished, RunStarted
from gazebench.spec.notices import kept_notices
from gazebench.spec.suggest import suggest

if TYPE_CHECKING:
    import pandas as pd

    from gazebench.report.write import Written

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


def run(config: Path | str | None = None, *, report: Report | None = None, **settings: Any) -> Run:
    """Score saliency maps against gaze and write a ranked leaderboard.

    `config` names a TOML file; `settings` are fields of `gazebench.engine.config.RunConfig` and
    override it. `report` hears the run's events.

    Raises:
        GazeBenchError: whatever is wrong with names, files, weights or the output folder.
    """
    base = load_config(Path(config)) if config is not None else RunConfig()
    refuse_unknown("gazebench.run", settings, RunConfig)
    changed = override(base, {key: _plain(key, value) for key, value in settings.items()})
    return run_config(changed, overridden=sorted(settings), report=report or (lambda _event: None))


def run_config(config: RunConfig, *, overridden: Sequence[str], report: Report) -> Run:
    """Execute a configuration; see `run`."""
    host = Host(files=config.plugins)
    opened = open_run(config, host)
    _check_board(opened, host)
    folder = claim(config.out or default_folder(config, opened.name))
    refuse_another_run(folder, config.as_json())
    try:
        return _run_in(folder, opened, host, overridden, report)
    except BaseException:
        release(folder)
        raise


_PATHS = {"data_root", "cache", "out"}


def _plain(key: str, value: Any) -> Any:
    """Accept from Python what is natural there: lists for tuples, texts for paths."""
    if key in {"plugins", "maps"}:
        one = isinstance(value, str | Path)
        return tuple(Path(item) for item in ([value] if one else value))
    if key in _PATHS and value is not None:
        return Path(value)
    return tuple(value) if isinstance(value, list) else value


def plan_run(config: RunConfig) -> Plan:
    """Return what a configuration would score, without scoring it."""
    host = Host(files=config.plugins)
    opened = open_run(config, host)
    _check_board(opened, host)
    return opened.plan


def rank(scores: Path | str, **options: Any) -> Board:
    """Turn a tidy table of scores, or a run's folder, into a leaderboard.

    `options` are fields of `gazebench.leaderboard.rank_table.TableOptions`.

    Raises:
        DataError: the table is missing, empty or malformed; names file and row.
        UsageError: an option that does not exist or does not fit the table.
    """
    refuse_unknown("gazebench.rank", options, TableOptions)
    return rank_table(Path(scores), Host(), TableOptions(**options))


def compare(
    scores: Path | str,
    entry_a: str,
    entry_b: str,
    *,
    metrics: Sequence[str] = (),
    subsets: Sequence[str] = (),
    alpha: float = 0.05,
    **roles: Any,
) -> EntryComparison:
    """Compare two entries of a run's folder or of a table, by metric and subset.

    Empty `metrics` and `subsets` mean all. `roles` are fields of
    `gazebench.leaderboard.scored_table.TableRoles`.

    Raises:
        DataError: the table is missing, empty or malformed; names file and row.
        UsageError: an unknown entry, metric, subset or setting.
    """
    table, shown = read_with_subsets(Path(scores), Host(), _roles("compare", roles), subsets)
    return compare_entries(table, entry_a, entry_b, metrics=metrics, subsets=shown, alpha=alpha)


def explain(
    scores: Path | str, entry: str, metric: str, *, subset: str = ALL, **roles: Any
) -> Explanation:
    """Explain one number of a run's folder or of a table: formula, rows, ceiling, command.

    Raises:
        DataError: the table is missing, empty or malformed; names file and row.
        UsageError: an unknown entry, metric, subset or setting.
    """
    host = Host()
    table, _ = read_with_subsets(Path(scores), host, _roles("explain", roles), (subset,))
    return explain_number(table, entry, metric, host=host, subset=subset)


def analyse_subsets(
    scores: Path | str,
    *,
    metrics: Sequence[str] = (),
    entries: Sequence[str] = (),
    subsets: Sequence[str] = (),
    **roles: Any,
) -> SubsetAnalysis:
    """Compare the subsets of a run's folder or of a table: where are maps most like the readers?

    Raises:
        DataError: the table is malformed, or no subset holds a scored image.
        UsageError: an unknown entry, metric, subset or setting.
    """
    asked = _roles("analyse_subsets", roles)
    table, _ = read_with_subsets(Path(scores), Host(), asked, subsets)
    return contrast_subsets(
        table.scores,
        metrics=table.metrics,
        subsets=table.subsets if subsets else subsets_to_analyse(table),
        dataset=table.dataset,
        wanted=Wanted(metrics=tuple(metrics), entries=tuple(entries)),
        notices=table.notices,
    )


def replicate(name: str, folder: Path | str) -> Replicated:
    """Make published tables again from the published scores in a folder.

    Raises:
        PluginError: there is no such replication.
        DataError: a file is missing or malformed; names it, and where it can be had.
    """
    host = Host()
    return replicate_tables(host.get("replication", name), Path(folder), host)


def rebuild(path: Path | str, *, check: bool = False) -> tuple[Path, ...]:
    """Rebuild a folder of leaderboards, or one board, from its records; return what changed.

    With `check` nothing is written.

    Raises:
        RecordError: a record is malformed; with `check`, a file is not what the records give.
    """
    return rebuild_boards(Path(path), Host(), check=check)


def report(
    run_folder: Path | str,
    out: Path | str | None = None,
    *,
    data_root: Path | str | None = None,
    on_case: Callable[[int, int], None] = lambda _done, _total: None,
    **asked: Any,
) -> Written:
    """Write the gallery of a finished run: images, gaze and maps of chosen cases.

    `out` is by default beside the run. `asked` are fields of `gazebench.report.write.Asked`.

    Raises:
        RunError: there is no finished run, or the folder cannot be written.
        UsageError: a case, entry, metric or subset that the run does not have.
        GazeBenchError: the run's data, plugins or weights are not there any more.
    """
    from gazebench.report.reopened import reopen
    from gazebench.report.write import Asked, write_report

    refuse_unknown("gazebench.report", asked, Asked)
    folder = Path(run_folder)
    to = Path(out) if out is not None else folder.with_name(f"{folder.resolve().name}-report")
    wanted = Asked(**{key: _plain(key, value) for key, value in asked.items()})
    with one_blas_thread():
        reopened = reopen(folder, data_root=Path(data_root) if data_root is not None else None)
        return write_report(reopened, to, wanted, on_case=on_case)


def _roles(function: str, roles: Mapping[str, Any]) -> TableRoles:
    refuse_unknown(f"gazebench.{function}", roles, TableRoles)
    return TableRoles(**{key: _plain(key, value) for key, value in roles.items()})


def refuse_unknown(function: str, settings: Mapping[str, Any], values: type) -> None:
    """Raise a UsageError for a setting that the dataclass `values` has no field for."""
    known = [item.name for item in fields(values)]
    for name in settings:
        if name not in known:
            raise UsageError(
                f"{function} has no setting {name!r}",
                do=suggest(name, known) or f"the settings are {', '.join(known)}",
            )


def default_folder(config: RunConfig, dataset: str) -> Path:
    """Name a run's folder after what it computes, so that the same command finds it again."""
    decisive = {key: value for key, value in config.as_json().items() if key not in NOT_DECISIVE}
    return Path("runs") / f"{dataset}-{content_key(decisive)[:8]}"


def _run_in(
    folder: Path, opened: OpenedRun, host: Host, overridden: Sequence[str], report: Report
) -> Run:
    start = time.perf_counter()
    _write_manifest(folder, opened, overridden, status="running")
    with one_blas_thread():
        _announce(opened, report)
        executed = execute(opened, folder, _with_hooks(host, report))
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
