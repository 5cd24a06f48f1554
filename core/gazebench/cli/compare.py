"""`gazebench compare`: two entries against each other, on the same images."""

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


def compare(
    scores: Scores,
    entry_a: Annotated[str, typer.Argument(help="An entry, the ceiling or a floor.")],
    entry_b: Annotated[str, typer.Argument(help="Another one.")],
    metric: Annotated[
        Texts, typer.Option(help="A metric to compare on; repeatable.", show_default="all")
    ] = None,
    subset: Annotated[
        Texts,
        typer.Option(
            help="all, a subset on offer, or NAME=EXPRESSION over the table's other columns; "
            "repeatable.",
            show_default="all images and every subset",
        ),
    ] = None,
    resamples: Resamples = 10_000,
    alpha: Annotated[
        float, typer.Option(help="The chance of any false verdict that is put up with.")
    ] = 0.05,
    metric_declaration: Declarations = None,
    ceiling: Ceiling = None,
    floor: Floors = None,
    image_columns: ImageColumns = None,
    title: Title = "",
    plugin: PluginFiles = None,
    out: Annotated[Path | None, typer.Option(help="A CSV file to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare two entries of a run or of a table of scores, metric by metric and subset by subset.

    Both are scored on the same readings, and the same images are drawn for both.
    """
    from gazebench.engine.store import write_text
    from gazebench.leaderboard.compare import compare_entries
    from gazebench.leaderboard.compare_files import comparison_csv, comparison_json
    from gazebench.leaderboard.scored_table import TableRoles
    from gazebench.leaderboard.subset_choice import read_with_subsets
    from gazebench.registry.host import Host

    roles = TableRoles(
        metrics=tuple(metric_declaration or ()),
        ceiling=ceiling,
        floors=tuple(floor or ()),
        image_columns=columns(image_columns),
        title=title,
    )
    table, subsets = read_with_subsets(scores, Host(tuple(plugin or ())), roles, subset or ())
    found = compare_entries(
        table,
        entry_a,
        entry_b,
        metrics=metric or (),
        subsets=subsets,
        alpha=alpha,
        resamples=resamples,
    )
    if out is not None:
        write_text(out, comparison_csv(found))
    if as_json:
        typer.echo(comparison_json(found), nl=False)
    else:
        from gazebench.cli.compare_view import print_comparison

        print_comparison(found)
    if out is not None:
        typer.echo(f"Written to {out}", err=True)
