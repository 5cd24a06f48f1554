"""`gazebench replicate`: published figures again, from the scores they were made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gazebench.cli.table_options import PluginFiles, Resamples
from gazebench.errors import DataError, UsageError

if TYPE_CHECKING:
    from gazebench.registry.host import Host


def replicate(
    name: Annotated[
        str | None, typer.Argument(help="What to replicate.", show_default="list what there is")
    ] = None,
    folder: Annotated[
        Path | None, typer.Argument(help="The folder that holds the published scores.")
    ] = None,
    resamples: Resamples = 10_000,
    plugin: PluginFiles = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder to write report.md to, and everything in it as CSV and JSON."
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="End with exit code 3 when a printed number is not reproduced."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make published tables again and report every printed number: reproduced or not.

    Then our statistics on the same scores: which of the printed differences survive.
    """
    from gazebench.registry.host import Host

    host = Host(tuple(plugin or ()))
    if name is None:
        _list(host)
        return
    found_plugin = host.get("replication", name)
    if folder is None:
        raise UsageError(
            f"{name} is made from published scores, and the command does not say where they are",
            do=f"gazebench replicate {name} FOLDER; FOLDER holds "
            f"{getattr(found_plugin.descriptor, 'source', '')}",
        )
    from gazebench.leaderboard.replicate import replicate as replicate_tables
    from gazebench.leaderboard.replicate_files import replication_json, write_replication
    from gazebench.leaderboard.replication import Match

    found = replicate_tables(found_plugin, folder, host, resamples=resamples)
    if out is not None:
        write_replication(found, out)
    if as_json:
        typer.echo(replication_json(found), nl=False)
    else:
        from gazebench.cli.replicate_view import print_replication

        print_replication(found)
    if out is not None:
        typer.echo(f"Written to {out}", err=True)
    missed = found.count(Match.DIFFERENT)
    if strict and missed:
        raise DataError(
            f"{missed} of {len(found.numbers)} printed numbers are not reproduced",
            do="see the report above; leave --strict out to be told without failing",
        )


def _list(host: Host) -> None:
    from textwrap import fill

    for listed in host.listed("replication"):
        descriptor = host.get("replication", listed.full_name).descriptor
        typer.echo(host.public_name(listed))
        source = f"from {getattr(descriptor, 'source', '')}"
        for text in filter(None, (descriptor.title, descriptor.reference, source)):
            typer.echo(fill(text, 100, initial_indent="  ", subsequent_indent="  "))
