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
    from gazebench.publish.verification.folder import SITE
    from gazebench.registry.host import Host

    changed = rebuild(path, Host(), check=check)
    pages = [file for file in changed if (path / SITE) in file.parents]
    for file in changed:
        if file not in pages:
            typer.echo(f"Written: {file}")
    if pages:
        typer.echo(f"Written: {len(pages)} files of {path / SITE}")
    if not changed:
        typer.echo("Every file is what the records give.")
