"""The command line of a run, from the settings that a record states."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from gazebench.engine.config import RunConfig
from gazebench.errors import UsageError
from gazebench.publish.record import Protocol, Record
from gazebench.publish.run_settings import run_config_of

OPTIONS = {
    "dataset": "--dataset",
    "dataset_options": "--dataset-option",
    "models": "--model",
    "methods": "--method",
    "mixings": "--mixing",
    "labels": "--label",
    "metrics": "--metric",
    "floors": "--floor",
    "subsets": "--subset",
    "seeds": "--seed",
    "plugins": "--plugin",
    "maps": "--maps",
    "reference": "--reference",
    "centre_bias": "--centre-bias",
    "min_readings": "--min-readings",
    "precision": "--precision",
    "interval": "--interval",
    "rank_by": "--rank-by",
}  # of the settings that have an influence on what is scored, or on how it is shown
ON_THE_PROTOCOL = ("dataset", "dataset_options", "reference", "centre_bias", "min_readings")
FOLDER = "FOLDER"  # stands for the reader's own


def command_of(config: RunConfig) -> str:
    """Return the command line that makes a run; what is not said is the default.

    >>> command_of(RunConfig(dataset="reflacx", centre_bias="paper", seeds=(1, 2)))
    'gazebench run --dataset reflacx --data-root FOLDER --seed 1 --seed 2 --centre-bias paper'
    """
    default, words = RunConfig(), ["gazebench", "run"]
    for name, option in OPTIONS.items():
        value = getattr(config, name)
        if value != getattr(default, name):
            words += [word for text in _texts(value) for word in (option, text)]
            words += ["--data-root", FOLDER] if name == "dataset" else []
    return shlex.join(words)


def rerun_command(record: Record, protocol: Protocol, *, like: Record | None = None) -> str:
    """Return the command that makes a record's run again under a board's protocol.

    `like` is a run that is on the board: what decides its cases is taken from it. "" for a
    publication, and for settings that this version does not know.
    """
    if record.run is None:
        return ""
    stated = dict(record.run.config)
    if like is not None and like.run is not None:
        kept = {name: value for name, value in stated.items() if name not in ON_THE_PROTOCOL}
        theirs = like.run.config.items()
        stated = kept | {name: value for name, value in theirs if name in ON_THE_PROTOCOL}
    try:
        return command_of(run_config_of(stated, **_changed(record.protocol, protocol)))
    except UsageError:
        return ""


def _changed(found: Protocol, board: Protocol) -> Mapping[str, Any]:
    """Return the settings in which a board's protocol is another."""
    return {
        name: getattr(board, name)
        for name in ("dataset", "reference", "centre_bias")
        if getattr(board, name) and getattr(board, name) != getattr(found, name)
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (f"{key}={value[key]}" for key in sorted(value))
    elif isinstance(value, tuple):
        yield from map(str, value)
    else:
        yield str(value)
