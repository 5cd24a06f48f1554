"""The record of a run, out of its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gazebench.errors import RecordError
from gazebench.leaderboard.run_record import RunRecord, read_run_record
from gazebench.leaderboard.scored_table import ScoredTable, TableRoles, read_scores
from gazebench.publish.case_scores import CaseScores, make_case_scores
from gazebench.publish.case_scores_file import case_scores_text
from gazebench.publish.entry_facts import entry_facts, stated_names, stated_text
from gazebench.publish.record import Origin, Protocol, Record, RunFacts
from gazebench.publish.record_board import board_of
from gazebench.publish.record_file import as_stated
from gazebench.publish.run_command import command_of
from gazebench.publish.run_settings import run_config_of, stated_settings
from gazebench.publish.salting import case_set_of, salt_of
from gazebench.publish.suppress import hide_small_checks, suppressed_subsets
from gazebench.publish.texts import LONGEST_PROSE, fault
from gazebench.registry.host import Host
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.capabilities import CENTRE_BIAS
from gazebench.spec.descriptors import Metric
from gazebench.spec.notices import without_first

UNSAID = "not applicable"  # where the reason must not be published


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRecord:
    """A record, the case scores that its board was made of, and the salt of their names."""

    record: Record
    case_scores: CaseScores
    salt: str


def make_record(
    folder: Path, host: Host, *, name: str, title: str, salt: str = "", with_case_scores: bool
) -> MadeRecord:
    """Make the record of a finished run; `salt` is the board's, "" for a new one.

    Its board is made of the salted and rounded case scores, whether the record will carry them or
    not, so that it is exactly what they give.

    Raises:
        RecordError: the folder holds no finished run, or something that must not be published.
        DataError: its scores cannot be read.
    """
    run = finished_run(folder)
    table = read_scores(folder, host, TableRoles())
    names = stated_names(sorted(set(table.scores.column("entry").to_pylist())), run)
    table = replace(table, scores=_renamed(table.scores, names))
    images = frozenset(table.scores.column("case").to_pylist())
    suppressed = suppressed_subsets(table.subsets, images, is_restricted=run.is_restricted)
    shown = {n: cases for n, cases in table.subsets.items() if n not in suppressed}
    dataset = str(run.content["dataset"]["name"])
    salt = salt or salt_of(dataset, images)
    case_scores = make_case_scores(
        table.scores, shown, salt=salt, dataset=dataset, board=table.dataset
    )
    facts = _run_facts(run)
    board = board_of(case_scores, _outline(table, run), facts, is_restricted=run.is_restricted)
    stated = {names[entry]: found for entry, found in entry_facts(names, folder, run).items()}
    members = case_scores.members()
    record = Record(
        name=name,
        title=title or _title(board),
        origin=Origin.RUN,
        is_restricted=run.is_restricted,
        protocol=Protocol(
            dataset=dataset,
            case_set=case_set_of(case_scores.cases),
            cases=len(case_scores.cases),
            reference=run.reference,
            reference_version=run.content.get("reference", {}).get("recipe_version"),
            centre_bias=_centre_bias(table, host),
        ),
        board=board,
        entries=hide_small_checks(stated, board),
        subset_sets={subset: case_set_of(cases) for subset, cases in members.items()},
        suppressed=suppressed,
        run=facts,
        case_scores=case_scores_text(case_scores).sha256 if with_case_scores else "",
    )
    return MadeRecord(record=as_stated(record), case_scores=case_scores, salt=salt)


def finished_run(folder: Path) -> RunRecord:
    """Return what a finished run's folder says.

    Raises:
        RecordError: it is no folder of a run, or of one that has not come to its end.
    """
    run = read_run_record(folder)
    if run is None:
        raise RecordError(
            f"{folder} is no folder of a run", do="name a folder that `gazebench run` wrote"
        )
    if run.setting("shard", ""):
        raise RecordError(
            f"{folder} holds a share of a run only", do="put the shares together: gazebench merge"
        )
    if not run.is_finished:
        raise RecordError(
            f"the run in {folder} has not come to its end", do="run the same command again"
        )
    dataset = run.content.get("dataset")
    if not isinstance(dataset, Mapping) or not isinstance(dataset.get("name"), str):
        raise RecordError(
            f"the manifest in {folder} names no dataset", do="run the same command again"
        )
    return run


def _outline(table: ScoredTable, run: RunRecord) -> Board:
    """Return the board without rows: what is known before any score is added up."""
    rank_by = str(run.setting("rank_by", ""))
    return Board(
        dataset=table.dataset,
        metrics=tuple(table.metrics.values()),
        rank_by=rank_by,
        interval="",
        reference=table.reference,
        centre_bias=table.centre_bias,
        subsets=(),
        notices=tuple(stated_text(without_first(notice), run) for notice in table.notices),
        not_applicable=_not_applicable(table, run),
    )


def _not_applicable(table: ScoredTable, run: RunRecord) -> dict[str, str]:
    """Return what could not be scored, and why where that may be published."""
    stated = {
        stated_text(name, run): stated_text(reason, run)
        for name, reason in table.not_applicable.items()
    }
    return {
        name: UNSAID if fault(reason) or len(reason) > LONGEST_PROSE else reason
        for name, reason in sorted(stated.items())
    }


def _run_facts(run: RunRecord) -> RunFacts:
    stated = stated_settings(run.content.get("config", {}))
    hardware: Mapping[str, Any] = run.content.get("hardware", {})
    words = (
        hardware.get("machine"),
        f"{hardware.get('cpus')} CPUs",
        hardware.get("system"),
        f"Python {hardware.get('python')}",
    )
    return RunFacts(
        command=command_of(run_config_of(stated)),
        config=stated,
        versions=run.versions,
        hardware=", ".join(str(word) for word in words if word),
        resamples=int(run.setting("resamples", 0)),
    )


def _centre_bias(table: ScoredTable, host: Host) -> str:
    """Return the recipe where a metric needed one; "" elsewhere."""
    return table.centre_bias if any(_needs_it(m, host) for m in table.metrics.values()) else ""


def _needs_it(metric: MetricColumn, host: Host) -> bool:
    descriptor = host.get("metric", metric.name).descriptor
    return isinstance(descriptor, Metric) and CENTRE_BIAS in descriptor.needs


def _title(board: Board) -> str:
    count = sum(row.rank is not None for row in board.subsets[0].rows)
    return f"{count} {'entry' if count == 1 else 'entries'} on {board.dataset}"


def _renamed(scores: Any, names: Mapping[str, str]) -> Any:
    import pyarrow as pa

    place = scores.schema.get_field_index("entry")
    renamed = [names[entry] for entry in scores.column("entry").to_pylist()]
    return scores.set_column(place, "entry", pa.array(renamed, pa.string()))
