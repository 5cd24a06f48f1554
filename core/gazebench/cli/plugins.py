"""`gazebench plugins`: what is installed, what it is, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gazebench.cli.check import check
from gazebench.errors import PluginError, UsageError

if TYPE_CHECKING:
    from gazebench.registry.host import Host, Loaded
    from gazebench.registry.quarantine import Quarantined

plugins_app = typer.Typer(
    help="Methods, models, metrics, datasets and everything else that is installed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

plugins_app.command("check")(check)

Files = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A single-file plugin; repeatable.")
]
Kind = Annotated[
    str | None,
    typer.Option(
        help="method, model, metric, dataset, reference, floor, subset, exporter or replication."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@plugins_app.command("list")
def list_plugins(kind: Kind = None, plugin: Files = None, as_json: AsJson = False) -> None:
    """List what can be asked for, without importing any of it."""
    from gazebench.registry.host import Host

    host = Host(plugin or ())
    rows = [
        {
            "kind": listed.kind,
            "name": host.public_name(listed),
            "distribution": listed.distribution,
            "version": listed.version,
        }
        for one in _kinds(kind)
        for listed in host.listed(one)
    ]
    if as_json:
        _print_json(rows)
        return
    _print_columns(
        [("kind", "name", "distribution", "version"), *(tuple(r.values()) for r in rows)]
    )
    _mention(host)


@plugins_app.command("info")
def info(
    name: Annotated[str, typer.Argument(help="As `gazebench plugins list` prints it.")],
    kind: Kind = None,
    plugin: Files = None,
    as_json: AsJson = False,
) -> None:
    """Explain a plugin: what it is, its parameters, and where it comes from."""
    from gazebench.registry.host import Host

    host = Host(plugin or ())
    kinds = [one for one in _kinds(kind) if one in host.kinds_with(name)]
    if not kinds:
        raise host.unknown(name, _kinds(kind))
    facts = [_facts(host.load(host.resolve(one, name).listed), host) for one in kinds]
    if as_json:
        _print_json(facts)
        return
    typer.echo("\n\n".join(_as_text(one) for one in facts))


@plugins_app.command("doctor")
def doctor(plugin: Files = None, as_json: AsJson = False) -> None:
    """Load every plugin and report what is wrong; exit with 4 when something is."""
    from gazebench.registry.checkout import stale_installations
    from gazebench.registry.host import Host

    host = Host(plugin or ())
    host.check_everything()
    everything = [listed for kind in _kinds(None) for listed in host.listed(kind)]
    stale = stale_installations({listed.distribution for listed in everything})
    problems = (*stale, *host.problems())
    if as_json:
        _print_json([_problem(one) for one in problems])
    elif not problems:
        typer.echo(f"{len(everything)} plugins load, and no names collide.")
    else:
        typer.echo("\n\n".join(_problem_text(one) for one in problems) + "\n")
    if problems:
        raise PluginError(
            f"plugins have problems: {len(problems)}", do="see above, one by one; the others work"
        )


def _kinds(kind: str | None) -> tuple[str, ...]:
    from gazebench.spec.descriptors import KINDS
    from gazebench.spec.suggest import suggest

    if kind is None:
        return tuple(KINDS)
    if kind not in KINDS:
        raise UsageError(
            f"there is no kind {kind!r} of plugin; the kinds are {', '.join(KINDS)}",
            do=suggest(kind, KINDS) or "write one of these",
        )
    return (kind,)


def _facts(loaded: Loaded, host: Host) -> dict[str, Any]:
    from gazebench.registry.describe import facts

    return {"name": host.public_name(loaded.listed), **facts(loaded)}


def _as_text(facts: dict[str, Any]) -> str:
    lines = [f"{facts['kind']} {facts['name']}: {facts['title']}"]
    width = max(len(key) for key in facts)
    for key, value in facts.items():
        if key in ("kind", "name", "title", "parameters") or value in ("", None, []):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        lines.append(f"  {key.replace('_', ' '):<{width}}  {text}")
    lines.append("  parameters" if facts["parameters"] else "  no parameters")
    lines += [f"    {parameter}" for parameter in facts["parameters"]]
    return "\n".join(lines)


def _problem(problem: Quarantined) -> dict[str, str]:
    return {
        "kind": problem.kind,
        "name": problem.name,
        "distribution": problem.distribution,
        "version": problem.version,
        "cause": problem.cause,
        "do": problem.do,
        "traceback": problem.traceback,
    }


def _problem_text(problem: Quarantined) -> str:
    source = f"{problem.distribution} {problem.version}".rstrip()
    lines = [f"{problem.kind} {problem.name} of {source}", f"  {problem.cause}"]
    lines += [f"  | {line}" for line in problem.traceback.splitlines()]
    return "\n".join([*lines, f"  Do: {problem.do}"])


def _mention(host: Host) -> None:
    number = len(host.problems())
    if number:
        what = "1 problem" if number == 1 else f"{number} problems"
        it = "it" if number == 1 else "them"
        typer.echo(f"\n{what}: `gazebench plugins doctor` explains {it}.", err=True)


def _print_columns(rows: list[tuple[str, ...]]) -> None:
    """Align columns by hand: a rich table costs as much start-up as everything else here."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _print_json(content: object) -> None:
    import json

    typer.echo(json.dumps(_bounded(content), indent=2, allow_nan=False))


def _bounded(content: Any) -> Any:
    """Write what has no bound as null: JSON has no infinity."""
    if isinstance(content, dict):
        return {key: _bounded(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_bounded(value) for value in content]
    return None if content in (float("inf"), float("-inf")) else content
