"""From what a user wrote to one plugin: short names, full names, families, collisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gazebench.errors import PluginError
from gazebench.registry.entrypoints import Listed, plain_name
from gazebench.registry.quarantine import Quarantined
from gazebench.spec.suggest import closest


class Resolved(NamedTuple):
    """The plugin that a name means; `variant` is what follows a family's name."""

    listed: Listed
    variant: str | None


class Names:
    """The names of one kind.

    A text is read in this order, and the first reading that exists is taken:

    1. `name`: a short name, when only one distribution gives it;
    2. `distribution/name`: a full name, which always works;
    3. `distribution/name/variant`: a family by its full name;
    4. `name/variant`: a family by its short name (`timm/resnet50`).

    A distribution called like a family could turn reading 4 into reading 2; that is a problem
    which `problems` reports.
    """

    def __init__(self, kind: str, plugins: Iterable[Listed]) -> None:
        self.kind = kind
        self.plugins = tuple(sorted(plugins, key=lambda p: (p.name, p.distribution)))
        self._short: dict[str, list[Listed]] = {}
        for plugin in self.plugins:
            self._short.setdefault(plugin.name, []).append(plugin)

    def resolve(self, text: str) -> Resolved:
        """Return the plugin that `text` means.

        Raises:
            PluginError: nothing has this name, or several things have.
        """
        first, slash, rest = text.partition("/")
        if not slash:
            return Resolved(self._only(first, text), None)
        second, _, variant = rest.partition("/")
        full = [p for p in self._short.get(second, []) if _same(p.distribution, first)]
        if full:
            return Resolved(self._only_of(full, text), variant or None)
        return Resolved(self._only(first, text), rest or None)

    def has(self, text: str) -> bool:
        """Whether `text` means something here, be it ambiguous."""
        first, _, rest = text.partition("/")
        second = rest.partition("/")[0]
        return first in self._short or any(
            _same(p.distribution, first) for p in self._short.get(second, [])
        )

    def public_name(self, listed: Listed) -> str:
        """Return the short name where it is unique, the full name otherwise."""
        return listed.name if len(self._short[listed.name]) == 1 else listed.full_name

    def closest(self, text: str) -> str | None:
        """Return the name that was probably meant; a family keeps its variant."""
        first, slash, rest = text.partition("/")
        whole = closest(text, [p.full_name for p in self.plugins]) if slash else None
        head = closest(first, self._short)
        if head is None or whole is not None:
            return whole
        return f"{head}/{rest}" if slash else head

    def problems(self) -> tuple[Quarantined, ...]:
        """Return every name that cannot be asked for as it stands."""
        collisions = [self._collision(found) for found in self._short.values() if len(found) > 1]
        return (*collisions, *self._shadowed())

    def _only(self, name: str, text: str) -> Listed:
        if name not in self._short:
            raise PluginError(f"no {self.kind} is called {text!r}")
        return self._only_of(self._short[name], text)

    def _only_of(self, found: list[Listed], text: str) -> Listed:
        if len(found) == 1:
            return found[0]
        problem = self._collision(found)
        raise PluginError(
            f"the {self.kind} name {text!r} is ambiguous: {problem.cause}", do=problem.do
        )

    def _collision(self, found: list[Listed]) -> Quarantined:
        full = sorted({p.full_name for p in found})
        ask = f"ask for {' or '.join(full)}, or " if len(full) > 1 else ""
        return Quarantined(
            kind=self.kind,
            name=found[0].name,
            distribution=", ".join(sorted({p.distribution for p in found})),
            cause="given by " + " and by ".join(f"{p.source} ({p.origin})" for p in found),
            do=f"{ask}uninstall or rename one",
        )

    def _shadowed(self) -> Iterable[Quarantined]:
        for plugin in self.plugins:
            for family in self._short.get(plugin.distribution, []):
                if family.distribution != plugin.distribution:
                    yield Quarantined(
                        kind=self.kind,
                        name=plugin.full_name,
                        distribution=plugin.distribution,
                        version=plugin.version,
                        cause=f"hides the variant {plugin.name!r} of {family.full_name}",
                        do=f"ask for {family.full_name}/{plugin.name} to have the variant",
                    )


def _same(distribution: str, other: str) -> bool:
    return plain_name(distribution) == plain_name(other)
