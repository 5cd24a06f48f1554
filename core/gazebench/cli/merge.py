"""`gazebench merge`: the shares of a run become the run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def merge(
    folders: Annotated[list[Path], typer.Argument(help="The folder of every share.")],
    out: Annotated[Path, typer.Option(help="The folder of the whole run.")],
    json_events: Annotated[
        bool, typer.Option("--json", help="Print events as JSON lines instead of a table.")
    ] = False,
) -> None:
    """Make one run of the shares that `gazebench run --shard I/N` recorded, none missing."""
    from gazebench.api import merge as merge_shares
    from gazebench.cli.console import console_for
    from gazebench.cli.run import show_run

    with console_for(json_events=json_events) as report:
        finished = merge_shares(list(folders), out, report=report)
    show_run(finished, json_events=json_events)
