"""`gazebench site`: leaderboards as a folder of pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def site(
    path: Annotated[Path, typer.Argument(help="A folder of boards, or one board.")],
    out: Annotated[Path, typer.Option(help="The folder to write; new, or of an earlier site.")],
) -> None:
    """Write leaderboards as a static site: one folder, to be opened from disk or put on a server.

    The pages need no network, and no scripts to be read.
    """
    from gazebench.publish.reading import read_leaderboards
    from gazebench.publish.site.build import build_site

    boards = read_leaderboards(path)
    files = build_site(boards, out)
    typer.echo(f"{len(files)} files, {sum(file.stat().st_size for file in files):,} bytes")
    typer.echo(f"Open {out / 'index.html'}")
