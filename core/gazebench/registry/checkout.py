"""Whether an editable installation still knows the entry points that its checkout declares.

Entry points are written down when a project is installed: one added to pyproject.toml later is
invisible until the project is installed again, even in an editable installation.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import tomli

from gazebench.registry.entrypoints import GROUPS, HOOK_GROUP
from gazebench.registry.quarantine import Quarantined

KIND_OF = {group: kind for kind, group in GROUPS.items()} | {HOOK_GROUP: "hook"}


def stale_installations(distributions: Iterable[str]) -> tuple[Quarantined, ...]:
    """Compare every editable installation among `distributions` with its checkout."""
    return tuple(problem for name in sorted(set(distributions)) for problem in _differences(name))


def differences(
    declared: Mapping[tuple[str, str], str], known: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (group, name, what is wrong) where pyproject.toml and the installation differ."""
    for group, name in sorted(declared.keys() | known.keys()):
        wanted, found = declared.get((group, name)), known.get((group, name))
        if found is None:
            yield group, name, "declared in pyproject.toml but not installed"
        elif wanted is None:
            yield group, name, "installed but no longer declared in pyproject.toml"
        elif wanted != found:
            yield group, name, f"installed as {found}, declared as {wanted}"


def _differences(name: str) -> Iterator[Quarantined]:
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return
    checkout = _checkout(distribution)
    if checkout is None:
        return
    for group, entry, cause in differences(_declared(checkout), _known(distribution)):
        yield Quarantined(
            kind=KIND_OF[group],
            name=entry,
            distribution=name,
            version=distribution.version,
            cause=f"{cause} ({checkout})",
            do=f"reinstall it: pip install -e {checkout.parent}",
        )


def _checkout(distribution: Distribution) -> Path | None:
    """Return the pyproject.toml of an editable installation that is still there."""
    text = distribution.read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    if not origin.get("dir_info", {}).get("editable"):
        return None
    path = Path(url2pathname(urlparse(origin["url"]).path)) / "pyproject.toml"
    return path if path.is_file() else None


def _declared(checkout: Path) -> dict[tuple[str, str], str]:
    project = tomli.loads(checkout.read_text(encoding="utf-8")).get("project", {})
    groups = project.get("entry-points", {})
    return {
        (group, name): value
        for group, entries in groups.items()
        if group in KIND_OF
        for name, value in entries.items()
    }


def _known(distribution: Distribution) -> dict[tuple[str, str], str]:
    return {
        (entry.group, entry.name): entry.value
        for entry in distribution.entry_points
        if entry.group in KIND_OF
    }
