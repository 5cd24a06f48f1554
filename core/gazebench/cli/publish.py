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
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite another record of the same name.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change only.")] = False,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
) -> None:
    """Publish the aggregates of a run as a record, and rebuild the board.

    What changes on the board is said before anything is written.
    """
    from gazebench.cli.publish_view import print_changes, print_files, print_notes
    from gazebench.publish.publish import PublishOptions, prepare, write
    from gazebench.registry.host import Host

    host = Host(tuple(plugin or ()))
    options = PublishOptions(name=name, title=title, case_scores=case_scores, replace=replace)
    prepared = prepare(run, to, host, options)
    print_changes(prepared)
    print_notes(prepared, is_auto=case_scores is Carry.AUTO)
    print_files(prepared, None if dry_run else write(prepared, host))
