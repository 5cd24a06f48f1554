"""`gazebench rank`: any tidy table of scores becomes a leaderboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gazebench.cli.table_options import (
    Ceiling,
    Declarations,
    Floors,
    ImageColumns,
    PluginFiles,
    Resamples,
    Scores,
    Texts,
    Title,
    columns,
)


def rank(
    scores: Scores,
    interval: Annotated[
        str, typer.Option(help="bootstrap, bca, or paper (the published formula).")
    ] = "bootstrap",
    rank_by: Annotated[
        str | None, typer.Option(help="The metric that orders the rows.", show_default="sauc")
    ] = None,
    subset: Annotated[
        Texts,
        typer.Option(
            help="NAME=EXPRESSION over the table's other columns, or the X of a 0/1 column "
            "X_majority; repeatable.",
            show_default="every X_majority",
        ),
    ] = None,
    resamples: Resamples = 10_000,
    metric: Declarations = None,
    ceiling: Ceiling = None,
    floor: Floors = None,
    image_columns: ImageColumns = None,
    title: Title = "",
    plugin: PluginFiles = None,
    show: Annotated[
        str, typer.Option("--format", help="What to print: table, or an exporter such as md.")
    ] = "table",
    out: Annotated[
        Path | None, typer.Option(help="The folder to write leaderboard.{json,csv,md,tex} to.")
    ] = None,
) -> None:
    """Turn a table of scores into a leaderboard.

    Scores are means over rows, intervals are over images; entries without a value for a row score
    the floor there.
    """
    from gazebench.leaderboard.rank_table import TableOptions, rank_table
    from gazebench.leaderboard.write import board_text, write_board
    from gazebench.registry.host import Host

    host = Host(files=tuple(plugin or ()))
    board = rank_table(
        scores,
        host,
        TableOptions(
            interval=interval,
            rank_by=rank_by,
            subsets=tuple(subset or ()),
            metrics=tuple(metric or ()),
            ceiling=ceiling,
            floors=tuple(floor or ()),
            image_columns=columns(image_columns),
            title=title,
            resamples=resamples,
        ),
    )
    text = None if show == "table" else board_text(board, show, host)
    if out is not None:
        write_board(board, out, host)
    if text is None:
        from gazebench.cli.board_view import print_board

        print_board(board)
    else:
        typer.echo(text, nl=False)
    if out is not None:
        typer.echo(f"Written to {out}", err=True)
