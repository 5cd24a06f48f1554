"""How far a run is, and why its scores were found or not: read from its folder alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazebench.engine.columns import Columns, Keyed
from gazebench.engine.folder import CACHE, relative_to
from gazebench.engine.shard_store import ShardStore
from gazebench.engine.shards import Shard
from gazebench.engine.store import make_folder, write_text
from gazebench.errors import RunError

GOAL = "goal.json"  # in the run's own cache folder: what has to be recorded, and where
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a run has to record.

    Attributes:
        cache: the folder of the store.
        shards: the keys of the shards, each with its number of cases.
        columns: key -> (entry, seed, metric).
        parts: key -> component -> content; none for what cannot be keyed.
    """

    cache: Path
    shards: Sequence[tuple[str, int]]
    columns: Mapping[str, tuple[str, int, str]]
    parts: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How much of a run is recorded.

    Attributes:
        shards_done: shards of which every column is recorded.
        raised: how often plugins raised in what is recorded.
        lacking: entry -> shards that lack some of its scores.
    """

    shards: int
    shards_done: int
    cases: int
    cases_done: int
    entries: int
    raised: int
    lacking: Mapping[str, int]


def write_goal(folder: Path, cache: Path, columns: Columns, shards: Sequence[Shard]) -> None:
    """Note what a run has to record, before it does."""
    own = folder / CACHE
    content = {
        "format": FORMAT,
        "cache": relative_to(cache, own),
        "shards": [[shard.key, len(shard.cases)] for shard in shards],
        "columns": {
            one.key: [one.column.entry, one.column.seed, one.column.metric] for one in columns.all
        },
        "parts": {one.key: dict(one.parts) for one in columns.all if one.parts is not None},
    }
    make_folder(own)
    write_text(own / GOAL, json.dumps(content, sort_keys=True) + "\n")


def read_goal(folder: Path) -> Goal | None:
    """Return what a run has to record; None where it has not said so yet.

    Raises:
        RunError: the file cannot be understood.
    """
    file = folder / CACHE / GOAL
    try:
        content: Any = json.loads(file.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']!r}, expected {FORMAT}")
        return Goal(
            cache=folder / CACHE / content["cache"],
            shards=[(str(key), int(cases)) for key, cases in content["shards"]],
            columns={k: (e, int(s), m) for k, (e, s, m) in content["columns"].items()},
            parts=content["parts"],
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        raise RunError(
            f"{file} cannot be understood: {error!r}", do="run the same command again"
        ) from error


def progress(goal: Goal) -> Progress:
    """Return how much of a goal is recorded."""
    store, wanted = ShardStore(goal.cache / "scores"), goal.columns.keys()
    done, cases_done, raised, lacking = 0, 0, 0, Counter[str]()
    for key, cases in goal.shards:
        parts = list(store.parts(Shard(index=0, cases=(), key=key)))
        have = {one for part in parts for one in part.keys}
        raised += sum(one.times for part in parts if part.keys & wanted for one in part.raised)
        missing = wanted - have
        lacking.update({goal.columns[one][0] for one in missing})
        done += not missing
        cases_done += 0 if missing else cases
    return Progress(
        shards=len(goal.shards),
        shards_done=done,
        cases=sum(cases for _, cases in goal.shards),
        cases_done=cases_done,
        entries=len({entry for entry, _, _ in goal.columns.values()}),
        raised=raised,
        lacking=dict(lacking),
    )


def explained_misses(before: Goal | None, missing: Sequence[Keyed]) -> Iterator[tuple[str, str]]:
    """Yield every entry and metric that has to be made, and why it was not found.

    `before` is what the last run in the same folder had to record.
    """
    known: dict[tuple[str, int, str], Mapping[str, str]] = {}
    if before is not None:
        known = {
            column: before.parts[key]
            for key, column in before.columns.items()
            if key in before.parts
        }
    for one in missing:
        name = f"{one.column.entry} on {one.column.metric}"
        if one.parts is None:
            yield name, one.why_not
            continue
        held = known.get((one.column.entry, one.column.seed, one.column.metric))
        if held is None:
            yield name, "never recorded in this folder"
            continue
        changed = [part for part in one.parts if held.get(part) != one.parts[part]]
        yield name, f"changed: {', '.join(changed)}" if changed else "not recorded on every image"
