"""`gazebench subsets`: where are maps most like the readers?"""

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
    Scores,
    Texts,
    Title,
    columns,
)


def subsets(
    scores: Scores,
    metric: Annotated[
        Texts,
        typer.Option(
            help="A metric to show; repeatable, the first one gives the answer.",
            show_default="sauc in the answer, all in --out",
        ),
    ] = None,
    entry: Annotated[
        Texts,
        typer.Option(
            help="An entry or floor to show; two or more are also compared with each other.",
            show_default="all",
        ),
    ] = None,
    subset: Annotated[
        Texts,
        typer.Option(
            help="A subset on offer, or NAME=EXPRESSION over the table's other columns; "
            "repeatable.",
            show_default="every subset",
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Of the bootstrap.")] = 10_000,
    metric_declaration: Declarations = None,
    ceiling: Ceiling = None,
    floor: Floors = None,
    image_columns: ImageColumns = None,
    title: Title = "",
    plugin: PluginFiles = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder to write subsets.{csv,svg,png} and contrasts.csv to."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare subsets of the images: where are maps most like the readers?

    Every subset against the rest of the images and every two subsets, for scores, fractions of
    the ceiling and gaps to it.
    """
    from gazebench.leaderboard.contrast_files import subsets_json, write_subsets
    from gazebench.leaderboard.contrasts import Wanted, analyse_subsets
    from gazebench.leaderboard.scored_table import TableRoles
    from gazebench.leaderboard.subset_choice import read_with_subsets, subsets_to_analyse
    from gazebench.registry.host import Host

    roles = TableRoles(
        metrics=tuple(metric_declaration or ()),
        ceiling=ceiling,
        floors=tuple(floor or ()),
        image_columns=columns(image_columns),
        title=title,
    )
    table, _ = read_with_subsets(scores, Host(tuple(plugin or ())), roles, subset or ())
    found = analyse_subsets(
        table.scores,
        metrics=table.metrics,
        subsets=table.subsets if subset else subsets_to_analyse(table),
        dataset=table.dataset,
        wanted=Wanted(metrics=tuple(metric or ()), entries=tuple(entry or ())),
        notices=table.notices,
        resamples=resamples,
    )
    if out is not None:
        write_subsets(found, out)
    if as_json:
        typer.echo(subsets_json(found), nl=False)
    else:
        from gazebench.cli.subsets_view import print_subsets

        print_subsets(found, metrics=metric or (found.asked,))
    if out is not None:
        typer.echo(f"Written to {out}", err=True)
