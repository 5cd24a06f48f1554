"""`gazebench run`: options to a configuration, events to the screen, the board at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gazebench.cli.key_values import dataset_options, labels
from gazebench.errors import PluginError

if TYPE_CHECKING:
    from gazebench.running.run import Run

Names = list[str] | None


def run(
    config: Annotated[
        Path | None, typer.Argument(help="A TOML file that describes the run.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="A dataset plugin.", show_default="phantom")
    ] = None,
    data_root: Annotated[Path | None, typer.Option(help="Where the dataset's files are.")] = None,
    dataset_option: Annotated[
        Names, typer.Option(help="KEY=VALUE for the dataset plugin; repeatable.")
    ] = None,
    model: Annotated[Names, typer.Option(help="A model; repeatable.")] = None,
    method: Annotated[Names, typer.Option(help="A method; repeatable.")] = None,
    mixing: Annotated[
        Names,
        typer.Option(
            help="uniform, weighted, thresholded, max, present or class:LABEL; repeatable."
        ),
    ] = None,
    label: Annotated[
        Names,
        typer.Option(help="CLASS=FINDING: what a network's class stands for; repeatable."),
    ] = None,
    metric: Annotated[Names, typer.Option(help="A metric; repeatable.")] = None,
    floor: Annotated[Names, typer.Option(help="A floor; repeatable.")] = None,
    subset: Annotated[
        Names, typer.Option(help="A subset, or NAME=EXPRESSION over case fields; repeatable.")
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(help="A seed; repeatable.", show_default="0")
    ] = None,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
    maps: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of precomputed saliency maps, ranked too; repeatable."),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="What of a reading maps are compared with, NAME:KEY=VALUE.", show_default="gaze"
        ),
    ] = None,
    centre_bias: Annotated[
        str | None,
        typer.Option(help="loio (leave one image out) or paper.", show_default="loio"),
    ] = None,
    min_readings: Annotated[
        int | None,
        typer.Option(
            help="Score cases with at least so many usable readings.", show_default="complete cases"
        ),
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="bootstrap, bca or paper.", show_default="bootstrap")
    ] = None,
    rank_by: Annotated[
        str | None, typer.Option(help="The metric that orders the rows.", show_default="sauc")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, ...", show_default="cpu")] = None,
    batch: Annotated[
        int | None,
        typer.Option(help="Images per forward pass; 0: what fits.", show_default="8"),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="float32, bfloat16 or float16 in networks.", show_default="float32"),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads that score maps.", show_default="one per core")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that score, models in each.", show_default="1")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address or file of a Dask scheduler whose workers score.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="I/N: a share of the cases, for `gazebench merge`.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Where scores are kept for other runs.", show_default="in the run"),
    ] = None,
    plugin_timeout: Annotated[
        float | None,
        typer.Option(help="Seconds that a call of a plugin may take.", show_default="any"),
    ] = None,
    max_failures: Annotated[
        float | None,
        typer.Option(
            help="Stop where more maps failed; below 1: part of all.", show_default="never"
        ),
    ] = None,
    keep_maps: Annotated[
        bool | None, typer.Option("--keep-maps", help="Keep the maps too, for `gazebench rescore`.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write.", show_default="runs/...")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the plan and what it takes, and stop."),
    ] = False,
    explain_cache: Annotated[
        bool, typer.Option("--explain-cache", help="Print what is not recorded and why, and stop.")
    ] = False,
    json_events: Annotated[
        bool, typer.Option("--json", help="Print events as JSON lines instead of a table.")
    ] = False,
) -> None:
    """Score saliency maps against radiologists' gaze and write a ranked leaderboard.

    Without arguments: the phantom dataset, the paper's two networks and methods.
    """
    from gazebench.cli.console import console_for, print_plan
    from gazebench.cli.interrupts import heeded_interrupts
    from gazebench.engine.config import RunConfig, load_config, override
    from gazebench.running.estimate import estimate
    from gazebench.running.recorded import explain_cache as explained
    from gazebench.running.run import run_config
    from gazebench.running.shares import run_share

    changes: dict[str, Any] = {
        "dataset": dataset,
        "data_root": data_root,
        "dataset_options": dataset_options(dataset_option) or None,
        "models": _tuple(model),
        "methods": _tuple(method),
        "mixings": _tuple(mixing),
        "labels": labels(label) or None,
        "metrics": _tuple(metric),
        "floors": _tuple(floor),
        "subsets": _tuple(subset),
        "seeds": _tuple(seed),
        "plugins": _tuple(plugin),
        "maps": _tuple(maps),
        "reference": reference,
        "centre_bias": centre_bias,
        "min_readings": min_readings,
        "interval": interval,
        "rank_by": rank_by,
        "device": device,
        "batch": batch,
        "precision": precision,
        "threads": threads,
        "workers": workers,
        "scheduler": scheduler,
        "shard": shard,
        "cache": cache,
        "plugin_timeout": plugin_timeout,
        "max_failures": max_failures,
        "keep_maps": keep_maps,
        "out": out,
    }
    base = load_config(config) if config else RunConfig()
    settings = override(base, changes)
    overridden = sorted(k for k, v in changes.items() if v is not None) if config else []
    if explain_cache:
        misses = explained(settings)
        for name, why in misses:
            typer.echo(f"{name}: {why}")
        typer.echo(f"{len(misses)} to make" if misses else "everything is recorded")
        return
    if dry_run:
        print_plan(*estimate(settings))
        return
    with (
        console_for(json_events=json_events) as reporter,
        heeded_interrupts(reporter) as report,
    ):
        if settings.shard:
            share = run_share(settings, overridden=overridden, report=report)
            finished = None
        else:
            finished = run_config(settings, overridden=overridden, report=report)
    if finished is None:
        typer.echo(f"\nShare {share.share} is recorded in {share.folder}; when all are there:")
        typer.echo("gazebench merge FOLDER... --out RUN")
        return
    show_run(finished, json_events=json_events)


def show_run(finished: Run, *, json_events: bool) -> None:
    """Print a finished run; fail where some of its entries did.

    Raises:
        PluginError: an entry or metric has no usable score on any case.
    """
    from gazebench.cli.board_view import print_board
    from gazebench.cli.checks_view import print_checks
    from gazebench.cli.cost_view import print_costs

    if not json_events:
        print_board(finished.leaderboard)
        print_checks(finished.checks)
        print_costs(finished.costs)
        typer.echo(f"\nWritten to {finished.folder}")
    if finished.failed_entries:
        failures = "; ".join(f"{entry}: {why}" for entry, why in finished.failed_entries.items())
        raise PluginError(
            f"no usable score on any case from {failures}",
            do="the other entries are complete; mend the plugin and run the same command again",
        )


def _tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return tuple(values) if values else None
