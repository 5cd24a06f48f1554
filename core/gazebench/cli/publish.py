"""`gazebench publish`: a run becomes a record on a leaderboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gazebench.publish.record import Carry


def publish(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    to: Annotated[Path, typer.Option(help="The folder of all boards.")],
    name: Annotated[
        str, typer.Option(help="Of the record's file.", show_default="the run's folder's")
    ] = "",
    title: Annotated[str, typer.Option(help="One line about it, for people.")] = "",
    case_scores: Annotated[
        Carry,
        typer.Option(help="Carry salted per-case scores; auto: where the dataset is open."),
    ] = Carry.AUTO,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change only.")] = False,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
) -> None:
    """Publish the aggregates of a run as a record, and rebuild the board.

    What changes on the board is said before anything is written.
    """
    from gazebench.publish.publish import prepare, write
    from gazebench.registry.host import Host

    host = Host(tuple(plugin or ()))
    prepared = prepare(run, to, host, name=name, title=title, carry=case_scores)
    for change in prepared.changes:
        typer.echo(change)
    if not prepared.changes:
        typer.echo("The board does not change.")
    if prepared.record.suppressed:
        left_out = ", ".join(prepared.record.suppressed)
        typer.echo(f"Left out, for saying too much about few images: {left_out}", err=True)
    for why in prepared.unseen:
        typer.echo(f"Not compared with the dataset's transcripts and images: {why}", err=True)
    if dry_run:
        return
    for path in write(prepared, host):
        typer.echo(f"{'Written' if path.exists() else 'Removed'}: {path}", err=True)
