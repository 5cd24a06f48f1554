"""The one file that talks to pluggy: listeners and extensions, called one plugin at a time.

pluggy's own loader stops at the first plugin that does not import, a hook call at the first that
raises, and plugins that compare equal or have no hash disturb each other. So every plugin has a
manager of its own here, and its faults become values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pluggy

from gazebench.registry.quarantine import FAULTS, Quarantined
from gazebench.spec import hooks as specifications
from gazebench.spec.suggest import suggest

PREFIX = "gazebench_"


class Source(NamedTuple):
    """Where a hook plugin comes from."""

    name: str
    distribution: str
    version: str


class Answer(NamedTuple):
    """What one plugin's hook returned."""

    source: Source
    value: Any


class Hooks:
    """Hook plugins, each loaded, checked and called behind its own fault barrier."""

    def __init__(self) -> None:
        self._managers: list[tuple[Source, pluggy.PluginManager]] = []
        self._reported: set[tuple[Source, str]] = set()
        self.problems: list[Quarantined] = []

    def add(self, source: Source, load: Callable[[], object]) -> None:
        """Register what `load` returns; a fault is recorded."""
        manager = pluggy.PluginManager("gazebench")
        manager.add_hookspecs(specifications)
        try:
            plugin = load()
            manager.register(plugin, name=source.name)
            self.problems += _misspelt(manager, plugin, source)
        except FAULTS as error:
            self.problems.append(_fault(error, source))
            return
        self._managers.append((source, manager))

    def call(self, hook: str, **arguments: Any) -> tuple[list[Answer], list[Quarantined]]:
        """Call one hook of every plugin; return the answers and the new faults."""
        answers: list[Answer] = []
        faults: list[Quarantined] = []
        for source, caller in self.callers(hook):
            values = self.attempt(source, hook, partial(caller, **arguments), faults)
            answers += [Answer(source, value) for value in values]
        return answers, faults

    def callers(self, hook: str) -> Iterator[tuple[Source, Callable[..., list[Any]]]]:
        """Yield, for every plugin with this hook, what calls the hook of this plugin alone."""
        for source, manager in self._managers:
            caller = getattr(manager.hook, hook)
            if caller.get_hookimpls():
                yield source, caller

    def attempt(
        self, source: Source, hook: str, call: Callable[[], list[Any]], faults: list[Quarantined]
    ) -> list[Any]:
        """Return what `call` returns; what it raises joins `faults` the first time."""
        try:
            return call()
        except FAULTS as error:
            if (source, hook) not in self._reported:
                self._reported.add((source, hook))
                faults.append(self.record(error, source, hook))
            return []

    def record(self, error: BaseException, source: Source, hook: str) -> Quarantined:
        """Keep a fault of a hook among the problems, and return it."""
        fault = _fault(error, source, hook=hook)
        self.problems.append(fault)
        return fault


def _fault(error: BaseException, source: Source, *, hook: str = "") -> Quarantined:
    return Quarantined.from_error(
        error,
        kind="hook",
        name=hook or source.name,
        distribution=source.distribution,
        version=source.version,
    )


def _misspelt(
    manager: pluggy.PluginManager, plugin: object, source: Source
) -> Iterable[Quarantined]:
    """Find what pluggy ignores in silence: unmarked functions and hooks that do not exist."""
    known = {name for name in vars(specifications) if name.startswith(PREFIX)}
    for name in dir(plugin):
        marked = manager.parse_hookimpl_opts(plugin, name)
        if marked is None and name in known and _is_own(plugin, name):
            yield _overlooked(name, source, "is not marked, so it is never called", "add @hookimpl")
        elif marked is not None and name not in known and not marked.get("optionalhook"):
            guess = suggest(name, known) or f"the hooks are {', '.join(sorted(known))}"
            yield _overlooked(name, source, "is not a hook of GazeBench", guess)


def _is_own(plugin: object, name: str) -> bool:
    found = getattr(plugin, name, None)
    return callable(found) and getattr(found, "__module__", "") != specifications.__name__


def _overlooked(name: str, source: Source, cause: str, do: str) -> Quarantined:
    return Quarantined(
        kind="hook",
        name=name,
        distribution=source.distribution,
        version=source.version,
        cause=f"{name} {cause}",
        do=do,
    )
