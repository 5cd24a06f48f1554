"""`gazebench rebuild`: boards from their records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def rebuild(
    path: Annotated[Path, typer.Argument(help="A folder of boards, or one board.")],
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; fail where a file is not what records give."),
    ] = False,
) -> None:
    """Rebuild the files of leaderboards from their records, byte for byte."""
    from gazebench.publish.rebuild import rebuild
    from gazebench.registry.host import Host

    changed = rebuild(path, Host(), check=check)
    for file in changed:
        typer.echo(f"Written: {file}")
    if not changed:
        typer.echo("Every file is what the records give.")
