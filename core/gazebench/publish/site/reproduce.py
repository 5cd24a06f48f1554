"""The command that makes one entry again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gazebench.errors import GazeBenchError
from gazebench.publish.record import EntryFacts, Record
from gazebench.publish.run_command import command_of
from gazebench.publish.run_settings import run_config_of


def command_for(record: Record, facts: EntryFacts) -> str:
    """Return the command that makes an entry alone; that of the whole run where it has no method.

    "" for a publication.
    """
    if record.run is None:
        return ""
    if not any(plugin.kind == "method" for plugin in facts.plugins):
        return record.run.command
    only: dict[str, Any] = {"methods": (facts.method,), "models": (), "mixings": ()}
    only |= {"models": (facts.model,)} if facts.model else {}
    only |= {"mixings": (facts.mixing,)} if facts.mixing else {}
    try:
        config = replace(run_config_of(record.run.config), **only)
    except GazeBenchError:  # settings of another version
        return record.run.command
    return command_of(config)
