"""GazeBench from Python: `gazebench.run(...)` and `gazebench.rank(...)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazebench.engine.config import RunConfig, load_config, override
from gazebench.engine.threads import one_blas_thread
from gazebench.errors import UsageError
from gazebench.leaderboard.compare import EntryComparison, compare_entries
from gazebench.leaderboard.contrast_values import SubsetAnalysis
from gazebench.leaderboard.contrasts import Wanted
from gazebench.leaderboard.contrasts import analyse_subsets as contrast_subsets
from gazebench.leaderboard.explain import explain as explain_number
from gazebench.leaderboard.explanation import Explanation
from gazebench.leaderboard.pool import ALL
from gazebench.leaderboard.rank_table import TableOptions, rank_table
from gazebench.leaderboard.replicate import replicate as replicate_tables
from gazebench.leaderboard.replication import Replicated
from gazebench.leaderboard.scored_table import TableRoles
from gazebench.leaderboard.subset_choice import read_with_subsets, subsets_to_analyse
from gazebench.publish.publish import Prepared, PublishOptions
from gazebench.publish.publish import prepare as prepare_publication
from gazebench.publish.publish import write as write_publication
from gazebench.publish.rebuild import rebuild as rebuild_boards
from gazebench.publish.record import Carry
from gazebench.registry.host import Host
from gazebench.running.rescore import rescore as rescore_kept
from gazebench.running.run import Run, run_config
from gazebench.running.shares import merge as merge_shares
from gazebench.spec.board import Board
from gazebench.spec.events import Event
from gazebench.spec.suggest import suggest

if TYPE_CHECKING:
    from gazebench.gallery.write import Written

Report = Callable[[Event], None]


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


_PATHS = {"data_root", "cache", "rescored", "out"}


def _plain(key: str, value: Any) -> Any:
    """Accept from Python what is natural there: lists for tuples, texts for paths."""
    if key in {"plugins", "maps"}:
        one = isinstance(value, str | Path)
        return tuple(Path(item) for item in ([value] if one else value))
    if key in _PATHS and value is not None:
        return Path(value)
    return tuple(value) if isinstance(value, list) else value


def merge(folders: Sequence[Path | str], out: Path | str, *, report: Report | None = None) -> Run:
    """Make one run of the folders of all its shares, made by `gazebench run --shard I/N`.

    Raises:
        UsageError: a folder holds no share, or another run's; a share is missing.
        RunError: the scores of a share are not whole; `out` cannot be written.
    """
    hear = report or (lambda _event: None)
    return merge_shares([Path(folder) for folder in folders], Path(out), report=hear)


def rescore(run_folder: Path | str, *, report: Report | None = None, **changes: Any) -> Run:
    """Score the maps that a run kept (`keep_maps=True`), without the networks that made them.

    `changes` are fields of `gazebench.engine.config.RunConfig` that make no other maps.

    Raises:
        UsageError: the folder holds no run, or a change is of what makes maps.
        RunError: the run kept no maps, or not all of them.
    """
    refuse_unknown("gazebench.rescore", changes, RunConfig)
    plain = {key: _plain(key, value) for key, value in changes.items()}
    return rescore_kept(Path(run_folder), plain, report=report or (lambda _event: None))


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


def publish_run(
    run: Path | str, to: Path | str, *, dry_run: bool = False, **options: Any
) -> Prepared:
    """Publish the aggregates of a run's folder as a record in a folder of leaderboards.

    `options` are fields of `gazebench.publish.publish.PublishOptions`. What comes back says what
    changes; with `dry_run` nothing is written. (`gazebench.publish` is the package.)

    Raises:
        RecordError: the run is not finished, something must not be published, another record has
            the name, or a board cannot be read.
        UsageError: an option that does not exist.
    """
    refuse_unknown("gazebench.publish_run", options, PublishOptions)
    carry, known = options.get("case_scores", Carry.AUTO), [str(one) for one in Carry]
    if carry not in known:
        raise UsageError(f"case_scores is {carry!r}", do=f"choose one of {', '.join(known)}")
    host = Host()
    asked = PublishOptions(**{**options, "case_scores": Carry(carry)})
    prepared = prepare_publication(Path(run), Path(to), host, asked)
    if not dry_run:
        write_publication(prepared, host)
    return prepared


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

    `out` is by default beside the run. `asked` are fields of `gazebench.gallery.write.Asked`.

    Raises:
        RunError: there is no finished run, or the folder cannot be written.
        UsageError: a case, entry, metric or subset that the run does not have.
        GazeBenchError: the run's data, plugins or weights are not there any more.
    """
    from gazebench.gallery.reopened import reopen
    from gazebench.gallery.write import Asked, write_report

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
