"""Commands that plugins add to the command line; what exists already stays as it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gazebench.errors import PluginError
from gazebench.registry.hooks import Hooks
from gazebench.registry.quarantine import Quarantined

if TYPE_CHECKING:
    import typer

HOOK = "gazebench_commands"


def add_commands(hooks: Hooks, app: typer.Typer) -> tuple[Quarantined, ...]:
    """Call the hook of every plugin, one by one; return the new faults.

    Typer would let a later command replace an earlier one of the same name in silence; here the
    later one is left out and reported.
    """
    faults: list[Quarantined] = []
    for source, caller in hooks.callers(HOOK):
        taken = {_name(info) for info in _infos(app)}
        before = _infos(app)
        hooks.attempt(source, HOOK, partial(caller, app=app), faults)
        for info in [info for info in _infos(app) if info not in before]:
            if _name(info) in taken:
                _remove(app, info)
                error = PluginError(
                    f"the command {_name(info)!r} exists already",
                    do="give the command another name",
                )
                faults.append(hooks.record(error, source, HOOK))
            taken.add(_name(info))
    return tuple(faults)


def _infos(app: typer.Typer) -> list[Any]:
    return [*app.registered_commands, *app.registered_groups]


def _remove(app: typer.Typer, info: Any) -> None:
    app.registered_commands = [one for one in app.registered_commands if one is not info]
    app.registered_groups = [one for one in app.registered_groups if one is not info]


def _name(info: Any) -> str:
    if isinstance(info.name, str):
        return info.name
    callback = getattr(info, "callback", None)
    return getattr(callback, "__name__", "").lower().replace("_", "-")
