"""The names of installed plugins, read from entry points without importing any plugin."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from typing import NamedTuple

from gazebench.registry.quarantine import FAULTS, Quarantined
from gazebench.spec.descriptors import KINDS

HOOK = "hook"
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
    """Everything that entry points declare; `hooks` are of the kind "hook"."""

    plugins: tuple[Listed, ...]
    hooks: tuple[Listed, ...]
    problems: tuple[Quarantined, ...]


def installed() -> Installed:
    """Read every entry point of GazeBench's groups; no plugin module is imported."""
    declared: list[Listed] = []
    problems: list[Quarantined] = []
    for distribution in _with_plugins():
        try:
            declared += _declared(distribution)
        except FAULTS as error:
            # importlib.metadata.entry_points() would stop here, and nobody would have plugins.
            problems.append(_unreadable(error, distribution))
    declared.sort(key=lambda listed: (listed.name, listed.distribution))
    usable = [listed for listed in declared if NAME.fullmatch(listed.name)]
    problems += [_unusable_name(listed) for listed in declared if listed not in usable]
    return Installed(
        tuple(listed for listed in usable if listed.kind != HOOK),
        tuple(listed for listed in usable if listed.kind == HOOK),
        tuple(problems),
    )


def _with_plugins() -> Iterator[Distribution]:
    """Yield the distributions that mention GazeBench; others are not even parsed."""
    seen = set()
    for distribution in importlib.metadata.distributions():
        if f"[{HOOK_GROUP}" not in (distribution.read_text("entry_points.txt") or ""):
            continue
        name = plain_name(distribution.name or "unknown")
        if name not in seen:  # the first on sys.path is the one that is imported
            seen.add(name)
            yield distribution


def plain_name(distribution: str) -> str:
    """Spell a distribution's name as packaging compares it: case, "-", "_" and "." are alike.

    >>> plain_name("My_Plugins")
    'my-plugins'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _declared(distribution: Distribution) -> list[Listed]:
    name, version = distribution.name or "unknown", distribution.version
    kinds = {group: kind for kind, group in GROUPS.items()} | {HOOK_GROUP: HOOK}
    return [
        Listed(
            kind=kinds[entry.group],
            name=entry.name,
            distribution=name,
            version=version,
            origin=entry.value,
            load=entry.load,
            module=entry.module,
        )
        for entry in distribution.entry_points
        if entry.group in kinds
    ]


def _unreadable(error: BaseException, distribution: Distribution) -> Quarantined:
    return Quarantined.from_error(
        error,
        kind="entry points",
        name="entry_points.txt",
        distribution=distribution.name or "unknown",
        version=distribution.version,
    )


def _unusable_name(listed: Listed) -> Quarantined:
    return Quarantined(
        kind=listed.kind,
        name=listed.name,
        distribution=listed.distribution,
        version=listed.version,
        cause=f"the name {listed.name!r} cannot be asked for",
        do="a plugin's name has letters, digits, '_', '-' and '.' only: rename the entry point",
    )
