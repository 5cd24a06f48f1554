"""`gazebench status`: how far a run is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def status(
    run: Annotated[Path, typer.Argument(help="The folder of a run, finished or not.")],
) -> None:
    """Say how much of a run is recorded, and which command goes on with it."""
    from gazebench.running.recorded import status as read_status

    found = read_status(run)
    stopped = ", no process is at work" if found.said == "stopped" else ""
    typer.echo(f"{found.folder}: {found.said}{stopped}")
    if (done := found.progress) is not None:
        typer.echo(
            f"recorded: {done.cases_done} of {done.cases} cases, "
            f"{done.shards_done} of {done.shards} tasks"
        )
        if len(done.lacking) < done.entries:  # else all lack the same tasks
            for entry, shards in sorted(done.lacking.items()):
                typer.echo(f"  {entry}: lacks scores in {shards} tasks")
        if done.raised:
            typer.echo(f"plugins raised {done.raised} times; failures.log has the tracebacks")
    if found.said != "finished":
        typer.echo(f"go on with: {found.command}")
