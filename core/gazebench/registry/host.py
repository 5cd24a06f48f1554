"""The plugin host: every plugin by name, loaded one at a time, faults kept apart."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gazebench.errors import PluginError, UsageError
from gazebench.registry.commands import add_commands
from gazebench.registry.entrypoints import NAME, Installed, Listed, installed
from gazebench.registry.hooks import Answer, Hooks, Source
from gazebench.registry.names import Names, Resolved
from gazebench.registry.parameters import read_parameters
from gazebench.registry.plugin import Plugin
from gazebench.registry.quarantine import FAULTS, Quarantined
from gazebench.registry.reference import format_parameters, parse_reference
from gazebench.spec.descriptors import KINDS, Descriptor

if TYPE_CHECKING:
    import typer

    from gazebench.registry.files import PluginFile
    from gazebench.spec.board import Board
    from gazebench.spec.events import Event


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A plugin that was imported and is of the kind it says."""

    listed: Listed
    descriptor: Descriptor
    code_hash: str | None


class Host:
    """Finds plugins, loads them when asked for, and calls the hooks of those that listen.

    Raises:
        PluginError: a file of `files` is missing, raises or defines no plugin.
    """

    def __init__(self, files: Sequence[Path] = ()) -> None:
        self._files = _executed(files)
        self._loaded: dict[Listed, Loaded | Quarantined] = {}

    def listed(self, kind: str) -> tuple[Listed, ...]:
        """Return everything of a kind, sorted by name, without importing it."""
        return self._names[kind].plugins

    def from_files(self, kind: str) -> tuple[str, ...]:
        """Return the names of the plugins of a kind that single files define, in their order."""
        return tuple(
            name
            for file in self._files
            for name, descriptor in file.descriptors.items()
            if descriptor.kind == kind
        )

    def public_name(self, listed: Listed) -> str:
        """Return the short name where it is unique, the full name otherwise."""
        return self._names[listed.kind].public_name(listed)

    def get(self, kind: str, text: str, options: Mapping[str, str] | None = None) -> Plugin:
        """Return the plugin that `name:key=value,...` asks for; `options` are further parameters.

        Raises:
            PluginError: unknown or ambiguous, or the plugin fails to load; then the plugin's own
                error is the cause.
            UsageError: a malformed reference, or a parameter that does not exist or fit.
        """
        reference = parse_reference(text)
        found = self.resolve(kind, reference.name)
        loaded = self.load(found.listed)
        name = self._full_public_name(found, loaded.descriptor)
        parameters = read_parameters(
            loaded.descriptor, {**reference.parameters, **(options or {})}, name=name
        )
        return Plugin(
            kind=kind,
            name=name,
            label=f"{name}:{format_parameters(parameters)}" if parameters else name,
            descriptor=loaded.descriptor,
            parameters=parameters,
            distribution=found.listed.distribution,
            version=found.listed.version,
            origin=found.listed.origin,
            code_hash=loaded.code_hash,
            variant=found.variant,
        )

    def resolve(self, kind: str, name: str) -> Resolved:
        """Return what a name means; nothing is imported.

        Raises:
            PluginError: unknown or ambiguous.
            UsageError: a colon is followed by something that is not KEY=VALUE.
        """
        names = self._names[kind]
        if names.has(name):
            return names.resolve(name)
        head, colon, tail = name.partition(":")
        if colon and names.has(head):
            raise UsageError(
                f"{tail!r} after {head}: is not a parameter", do=f"write {head}:KEY=VALUE"
            )
        raise self.unknown(name, (kind,))

    def kinds_with(self, name: str) -> tuple[str, ...]:
        """Return the kinds in which a name means something."""
        return tuple(kind for kind, names in self._names.items() if names.has(name))

    def unknown(self, name: str, kinds: Sequence[str]) -> PluginError:
        """Return the error for a name that means nothing in any of `kinds`."""
        what = kinds[0] if len(kinds) == 1 else "plugin"
        elsewhere = self.kinds_with(name)
        found = f"; it is a {elsewhere[0]}" if elsewhere else ""
        known = sum(len(self._names[kind].plugins) for kind in kinds)
        guess = next(filter(None, (self._names[kind].closest(name) for kind in kinds)), None)
        option = f" --kind {kinds[0]}" if len(kinds) == 1 else ""
        return PluginError(
            f"no {what} is called {name!r}, of {known} that are known{found}",
            do=(f"did you mean {guess!r}? " if guess else "")
            + f"`gazebench plugins list{option}` lists them",
        )

    def load(self, listed: Listed) -> Loaded:
        """Import a plugin, once.

        Raises:
            PluginError: it raised, or is not a plugin of its kind.
        """
        if listed not in self._loaded:
            self._loaded[listed] = self._load(listed)
        loaded = self._loaded[listed]
        if isinstance(loaded, Quarantined):
            raise loaded.as_error() from loaded.error
        return loaded

    def check_everything(self) -> None:
        """Load every plugin, so that `problems` knows about all of them."""
        for names in self._names.values():
            for listed in names.plugins:
                if listed not in self._loaded:
                    self._loaded[listed] = self._load(listed)

    def problems(self) -> tuple[Quarantined, ...]:
        """Return everything known to be wrong: names that collide, and what failed so far."""
        collisions = [p for names in self._names.values() for p in names.problems()]
        failed = [found for found in self._loaded.values() if isinstance(found, Quarantined)]
        return (*self._installed.problems, *collisions, *failed, *self._hooks.problems)

    def event(self, event: Event) -> tuple[Quarantined, ...]:
        """Tell every listener; return the faults not reported before."""
        return tuple(self._hooks.call("gazebench_event", event=event)[1])

    def board_written(self, board: Board, folder: Path) -> tuple[Quarantined, ...]:
        """Show every listener a finished leaderboard; return the faults not reported before."""
        return tuple(self._hooks.call("gazebench_board_written", board=board, folder=folder)[1])

    def add_commands(self, app: typer.Typer) -> tuple[Quarantined, ...]:
        """Let plugins extend the command line; return the faults not reported before."""
        return add_commands(self._hooks, app)

    @cached_property
    def _installed(self) -> Installed:
        return installed()

    @cached_property
    def _hooks(self) -> Hooks:
        hooks = Hooks()
        for listed in self._installed.hooks:
            hooks.add(Source(listed.name, listed.distribution, listed.version), listed.load)
        for file in self._files:
            hooks.add(Source(file.path.stem, file.path.name, ""), partial(_module, file))
        return hooks

    @cached_property
    def _names(self) -> Mapping[str, Names]:
        answers, _ = self._hooks.call("gazebench_register")
        made = [plugin for answer in answers for plugin in self._registered(answer)]
        filed = [plugin for file in self._files for plugin in _defined(file)]
        everything = (*self._installed.plugins, *filed, *made)
        return {kind: Names(kind, [p for p in everything if p.kind == kind]) for kind in KINDS}

    def _registered(self, answer: Answer) -> list[Listed]:
        try:
            return [_given(name, found, answer.source) for name, found in answer.value.items()]
        except FAULTS as error:
            self._hooks.record(error, answer.source, "gazebench_register")
            return []

    def _load(self, listed: Listed) -> Loaded | Quarantined:
        try:
            descriptor = _checked(listed.load(), listed)
        except FAULTS as error:
            return Quarantined.from_error(
                error,
                kind=listed.kind,
                name=listed.name,
                distribution=listed.distribution,
                version=listed.version,
            )
        return Loaded(
            listed=listed, descriptor=descriptor, code_hash=self._code_hash(listed, descriptor)
        )

    def _code_hash(self, listed: Listed, descriptor: Descriptor) -> str | None:
        from gazebench.registry.source_hash import code_hash

        for file in self._files:
            if listed.origin == str(file.path):
                return file.code_hash
        names = {listed.module, getattr(descriptor.function, "__module__", "")} - {""}
        modules = [sys.modules[name] for name in sorted(names) if name in sys.modules]
        return code_hash(modules)

    def _full_public_name(self, found: Resolved, descriptor: Descriptor) -> str:
        name = self.public_name(found.listed)
        is_family = getattr(descriptor, "family", False)
        if is_family and found.variant is None:
            raise UsageError(
                f"the {found.listed.kind} {name} is a family, and no variant is named",
                do=f"write {name}/VARIANT",
            )
        if found.variant is not None and not is_family:
            raise PluginError(
                f"the {found.listed.kind} {name} has no variants, found {name}/{found.variant}",
                do=f"write {name}",
            )
        return name if found.variant is None else f"{name}/{found.variant}"


def _executed(files: Sequence[Path]) -> tuple[PluginFile, ...]:
    if not files:
        return ()
    # Imported here, like the hashing of code: every start of the command line makes a host.
    from gazebench.registry.files import load_files

    return load_files(files)


def _checked(found: object, listed: Listed) -> Descriptor:
    if isinstance(found, KINDS[listed.kind]) and isinstance(found, Descriptor):
        return found
    what = f"a {found.kind}" if isinstance(found, Descriptor) else f"{type(found).__name__} object"
    raise PluginError(
        f"{listed.origin} is {what}, not a {listed.kind}",
        do=f"decorate it with @{listed.kind}(...), and name it under its own kind's group",
    )


def _defined(file: PluginFile) -> list[Listed]:
    return [
        Listed(
            kind=descriptor.kind,
            name=name,
            distribution=file.path.name,
            version="",
            origin=str(file.path),
            load=partial(_itself, descriptor),
        )
        for name, descriptor in file.descriptors.items()
    ]


def _given(name: str, descriptor: Any, source: Source) -> Listed:
    if not isinstance(descriptor, Descriptor) or descriptor.kind not in KINDS:
        raise PluginError(f"gazebench_register gave {name!r}, which is no plugin: {descriptor!r}")
    if not NAME.fullmatch(name):
        raise PluginError(f"gazebench_register gave a name that cannot be asked for: {name!r}")
    return Listed(
        kind=descriptor.kind,
        name=name,
        distribution=source.distribution,
        version=source.version,
        origin=f"{source.name}:gazebench_register",
        load=partial(_itself, descriptor),
    )


def _itself(descriptor: Descriptor) -> Descriptor:
    return descriptor


def _module(file: PluginFile) -> ModuleType:
    return file.module
