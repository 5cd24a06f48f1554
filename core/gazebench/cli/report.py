"""`gazebench report`: the gallery of a finished run, for this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Names = list[str] | None


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder to write.", show_default="RUN-report")
    ] = None,
    case: Annotated[
        Names,
        typer.Option(help="A case to show; repeatable.", show_default="best, worst, disputed"),
    ] = None,
    each: Annotated[int, typer.Option(help="How many best, worst and disputed cases.")] = 2,
    entry: Annotated[Names, typer.Option(help="An entry to show; repeatable.")] = None,
    metric: Annotated[
        str, typer.Option(help="The metric that chooses cases.", show_default="sauc")
    ] = "",
    subset: Annotated[str, typer.Option(help="Choose among a subset's cases.")] = "",
    data_root: Annotated[
        Path | None, typer.Option(help="Where the dataset's files are now.")
    ] = None,
) -> None:
    """Show a run's images, gaze and maps: the best, the worst and the most disputed cases.

    For this machine only: `gazebench publish` writes what may leave it.
    """
    from gazebench.api import report as write

    written = write(
        run,
        out,
        data_root=data_root,
        cases=tuple(case or ()),
        entries=tuple(entry or ()),
        metric=metric,
        subset=subset,
        each=each,
        on_case=lambda done, total: typer.echo(f"case {done} of {total}", err=True),
    )
    for change in written.changed:
        typer.echo(f"Note: {change}; maps may differ from those that were scored", err=True)
    typer.echo(f"Written to {written.folder}: open {written.folder / 'index.html'}")
    if written.is_restricted:
        typer.echo("The data are restricted: nothing in that folder may be published.")
