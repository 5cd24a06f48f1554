"""`gazebench rescore`: kept maps, other metrics, no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Names = list[str] | None


def rescore(
    run: Annotated[Path, typer.Argument(help="The folder of a run made with --keep-maps.")],
    metric: Annotated[
        Names, typer.Option(help="A metric; repeatable.", show_default="the run's")
    ] = None,
    floor: Annotated[
        Names, typer.Option(help="A floor; repeatable.", show_default="the run's")
    ] = None,
    subset: Annotated[
        Names, typer.Option(help="A subset; repeatable.", show_default="the run's")
    ] = None,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="What maps are compared with.", show_default="the run's")
    ] = None,
    centre_bias: Annotated[
        str | None, typer.Option(help="loio or paper.", show_default="the run's")
    ] = None,
    min_readings: Annotated[
        int | None, typer.Option(help="Score cases with at least so many usable readings.")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="bootstrap, bca or paper.", show_default="the run's")
    ] = None,
    rank_by: Annotated[
        str | None, typer.Option(help="The metric that orders the rows.", show_default="the run's")
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Where the dataset's files are now.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads that score maps.", show_default="one per core")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that score.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write.", show_default="beside the run")
    ] = None,
    json_events: Annotated[
        bool, typer.Option("--json", help="Print events as JSON lines instead of a table.")
    ] = False,
) -> None:
    """Score the maps that a run has kept: no network, weights or GPU is needed.

    The run keeps its maps with `gazebench run --keep-maps`.
    """
    from gazebench.cli.console import console_for
    from gazebench.cli.interrupts import heeded_interrupts
    from gazebench.cli.run import show_run
    from gazebench.running.rescore import rescore as rescore_kept

    asked: dict[str, Any] = {
        "metrics": metric,
        "floors": floor,
        "subsets": subset,
        "plugins": plugin,
        "reference": reference,
        "centre_bias": centre_bias,
        "min_readings": min_readings,
        "interval": interval,
        "rank_by": rank_by,
        "data_root": data_root,
        "threads": threads,
        "workers": workers,
        "out": out,
    }
    changes = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in asked.items()
        if value not in (None, [])
    }
    with (
        console_for(json_events=json_events) as reporter,
        heeded_interrupts(reporter) as report,
    ):
        finished = rescore_kept(run, changes, report=report)
    show_run(finished, json_events=json_events)
