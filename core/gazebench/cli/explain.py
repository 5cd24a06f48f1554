"""`gazebench explain`: from a number back to its formula, its rows and its commands."""

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
from gazebench.errors import UsageError


def explain(
    scores: Scores,
    entry: Annotated[str, typer.Argument(help="An entry, the ceiling or a floor.")] = "",
    metric: Annotated[str, typer.Argument(help="A metric.")] = "",
    subset: Annotated[
        str,
        typer.Option(help="A subset on offer, or NAME=EXPRESSION over the table's other columns."),
    ] = "all",
    interval: Annotated[
        str | None,
        typer.Option(help="bootstrap, bca or paper.", show_default="the run's, or bootstrap"),
    ] = None,
    resamples: Annotated[
        int | None,
        typer.Option(min=2, help="Of the bootstrap.", show_default="the run's, or 10000"),
    ] = None,
    metric_declaration: Declarations = None,
    ceiling: Ceiling = None,
    floor: Floors = None,
    image_columns: ImageColumns = None,
    title: Title = "",
    plugin: PluginFiles = None,
    timing: Annotated[
        bool, typer.Option("--timing", help="Say where a run's time went instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain one number of a leaderboard: how it is computed, from which rows, by which command.

    The number is computed again from the rows.
    """
    if timing:
        from gazebench.cli.timing_view import print_timing

        print_timing(scores, as_json=as_json)
        return
    if not (entry and metric):
        raise UsageError(
            "an entry and a metric name the number to explain",
            do="gazebench explain RUN ENTRY METRIC, or gazebench explain RUN --timing",
        )
    from gazebench.leaderboard.explain import explain as explained
    from gazebench.leaderboard.explain_files import explanation_json
    from gazebench.leaderboard.scored_table import TableRoles
    from gazebench.leaderboard.subset_choice import read_with_subsets
    from gazebench.registry.host import Host

    host = Host(tuple(plugin or ()))
    roles = TableRoles(
        metrics=tuple(metric_declaration or ()),
        ceiling=ceiling,
        floors=tuple(floor or ()),
        image_columns=columns(image_columns),
        title=title,
    )
    table, _ = read_with_subsets(scores, host, roles, (subset,))
    found = explained(
        table,
        entry,
        metric,
        host=host,
        subset=subset,
        interval=interval,
        resamples=resamples,
        options=_words(metric_declaration, ceiling, floor, image_columns, plugin),
    )
    if as_json:
        typer.echo(explanation_json(found), nl=False)
        return
    from gazebench.cli.explain_view import print_explanation

    print_explanation(found)


def _words(
    metrics: Texts,
    ceiling: str | None,
    floors: Texts,
    image_columns: str | None,
    plugins: list[Path] | None,
) -> tuple[str, ...]:
    """Return the options that `gazebench rank` has to be given to read the same table."""
    given = {
        "--metric": metrics or [],
        "--ceiling": [ceiling] if ceiling else [],
        "--floor": floors or [],
        "--image-columns": [image_columns] if image_columns else [],
        "--plugin": [str(path) for path in plugins or ()],
    }
    return tuple(word for option, values in given.items() for v in values for word in (option, v))
