"""A finished run, opened again: its data, its plugins and its networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.config import config_from_json
from gazebench.engine.folder import CACHE, MANIFEST
from gazebench.engine.opening import OpenedRun, open_run
from gazebench.engine.ready import Ready, make_ready
from gazebench.errors import RunError
from gazebench.leaderboard.run_record import RunRecord, read_run_record
from gazebench.leaderboard.scored_table import ScoredTable, TableRoles, read_scores
from gazebench.registry.host import Host


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reopened:
    """A run with everything that its maps can be made from again.

    Attributes:
        changed: what is not as it was in the run, one sentence each.
        is_restricted: whether its images must not be published.
    """

    folder: Path
    record: RunRecord
    table: ScoredTable
    ready: Ready
    changed: tuple[str, ...]
    is_restricted: bool

    @property
    def opened(self) -> OpenedRun:
        """The run, its names resolved."""
        return self.ready.opened


def reopen(folder: Path, *, data_root: Path | None = None) -> Reopened:
    """Open a run's configuration again, and say what has changed since.

    Raises:
        RunError: the folder holds no finished run.
        GazeBenchError: its data, plugins or weights are not there any more.
    """
    record = read_run_record(folder)
    if record is None or not record.is_finished:
        state = "holds no run" if record is None else "holds a run that did not come to its end"
        raise RunError(
            f"{folder} {state}: {'there is no' if record is None else 'so says its'} {MANIFEST}",
            do="give the folder of a finished `gazebench run`, or run the same command again",
        )
    config = config_from_json(record.content["config"])
    if data_root is not None:
        config = replace(config, data_root=data_root)
    host = Host(files=config.plugins)
    opened = open_run(config, host)
    cache = config.cache or folder / CACHE
    return Reopened(
        folder=folder,
        record=record,
        table=read_scores(folder, host, TableRoles()),
        ready=make_ready(opened, cache, session="", report=lambda _event: None),
        changed=tuple(_changes(record, opened)),
        is_restricted=bool(record.content.get("dataset", {}).get("restricted", True)),
    )


def _changes(record: RunRecord, opened: OpenedRun) -> Iterator[str]:
    """Say what is not as the manifest has it."""
    then = record.content.get("dataset", {})
    if then.get("fingerprint") != opened.dataset.fingerprint():
        yield "the dataset's files have changed since the run"
    plugins = {
        f"{plugin.kind}:{plugin.label}": plugin.code_hash
        for explanation in opened.plan.explanations
        for plugin in (explanation.model, explanation.method)
    }
    for name, code in sorted(plugins.items()):
        held = record.content.get("plugins", {}).get(name, {}).get("code_sha256")
        if held != code:
            yield f"the code of {name.replace(':', ' ', 1)} has changed since the run"
    for name, weights in sorted(opened.weights.items()):
        if record.content.get("weights", {}).get(name, {}).get("sha256") != weights["sha256"]:
            yield f"the weights of {name} are not those of the run"
