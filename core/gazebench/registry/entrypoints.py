"""The names of installed plugins, read from entry points without importing any plugin."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, EntryPoints
from typing import TYPE_CHECKING, NamedTuple

from gazebench.registry.quarantine import FAULTS, Quarantined
from gazebench.spec.descriptors import KINDS

if TYPE_CHECKING:
    from importlib.metadata import SelectableGroups  # what Python 3.11 gives for all groups

HOOK_GROUP = "gazebench"
GROUPS = {kind: f"{HOOK_GROUP}.{kind}s" for kind in KINDS}

# What can be asked for: "/" ends a distribution or a family, ":" begins parameters.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """A plugin that can be asked for; nothing of it is imported before `load` is called.

    Attributes:
        distribution: what gives it: an installed distribution, or a file's name.
        version: of the distribution; empty for a file.
        origin: where it is, as `module:attribute` or a file's path.
        module: what has to be imported for it; empty when nothing has to be.
    """

    kind: str
    name: str
    distribution: str
    version: str
    origin: str
    load: Callable[[], object]
    module: str = ""

    @property
    def full_name(self) -> str:
        """The name that is never ambiguous."""
        return f"{self.distribution}/{self.name}"

    @property
    def source(self) -> str:
        """The distribution with its version, for messages."""
        return f"{self.distribution} {self.version}".rstrip()


class Installed(NamedTuple):
    """Everything that entry points declare."""

    plugins: tuple[Listed, ...]
    hooks: tuple[EntryPoint, ...]
    problems: tuple[Quarantined, ...]


def installed() -> Installed:
    """Read every entry point of GazeBench's groups; no plugin module is imported."""
    declared, problems = _entry_points()
    plugins = []
    for kind, group in GROUPS.items():
        for entry in sorted(declared, key=lambda entry: entry.name):
            if entry.group != group:
                continue
            if NAME.fullmatch(entry.name):
                plugins.append(_listed(kind, entry))
            else:
                problems.append(_unusable_name(kind, entry))
    hooks = sorted((e for e in declared if e.group == HOOK_GROUP), key=lambda e: e.name)
    return Installed(tuple(plugins), tuple(hooks), tuple(problems))


def distribution_of(entry: EntryPoint) -> tuple[str, str]:
    """Return the name and version of the distribution that declares an entry point."""
    if entry.dist is None:
        return "unknown", ""
    return entry.dist.name, entry.dist.version


def _entry_points() -> tuple[list[EntryPoint], list[Quarantined]]:
    try:
        return _ours(importlib.metadata.entry_points()), []
    except FAULTS:
        # One malformed entry_points.txt anywhere stops importlib for everybody: go one by one.
        return _entry_points_one_by_one()


def _entry_points_one_by_one() -> tuple[list[EntryPoint], list[Quarantined]]:
    found: dict[str, list[EntryPoint]] = {}
    problems = []
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"] or "unknown"
        if name in found:
            continue  # the first on sys.path is the one that is imported
        found[name] = []
        try:
            found[name] = _ours(distribution.entry_points)
        except FAULTS as error:
            problems.append(
                Quarantined.from_error(
                    error,
                    kind="entry points",
                    name="entry_points.txt",
                    distribution=name,
                    version=distribution.version,
                )
            )
    return [entry for entries in found.values() for entry in entries], problems


def _ours(entries: EntryPoints | SelectableGroups) -> list[EntryPoint]:
    return [
        entry for group in (HOOK_GROUP, *GROUPS.values()) for entry in entries.select(group=group)
    ]


def _listed(kind: str, entry: EntryPoint) -> Listed:
    distribution, version = distribution_of(entry)
    return Listed(
        kind=kind,
        name=entry.name,
        distribution=distribution,
        version=version,
        origin=entry.value,
        load=entry.load,
        module=entry.module,
    )


def _unusable_name(kind: str, entry: EntryPoint) -> Quarantined:
    distribution, version = distribution_of(entry)
    return Quarantined(
        kind=kind,
        name=entry.name,
        distribution=distribution,
        version=version,
        cause=f"the name {entry.name!r} cannot be asked for",
        do="a plugin's name has letters, digits, '_', '-' and '.' only: rename the entry point",
    )
