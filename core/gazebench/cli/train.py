"""`gazebench train`: options to a configuration, a bar per epoch, a table of AUCs at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gazebench.cli.key_values import dataset_options
from gazebench.errors import UsageError

if TYPE_CHECKING:
    from gazebench.training.recipe import Recipe

Setting = float | None


def train(
    model: Annotated[str, typer.Argument(help="A model, such as sononet or ag_sononet.")],
    dataset: Annotated[str, typer.Option(help="A dataset with labelled images.")],
    out: Annotated[Path, typer.Option(help="The folder to write, or to go on in.")],
    data_root: Annotated[Path | None, typer.Option(help="Where the dataset's files are.")] = None,
    dataset_option: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE for the dataset plugin; repeatable.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(show_default="75")] = None,
    batch: Annotated[int | None, typer.Option(show_default="64")] = None,
    lr: Annotated[Setting, typer.Option(help="Learning rate.", show_default="1e-4")] = None,
    weight_decay: Annotated[Setting, typer.Option(show_default="1e-5")] = None,
    plateau_factor: Annotated[Setting, typer.Option(show_default="0.5")] = None,
    plateau_patience: Annotated[
        int | None, typer.Option(help="In epochs.", show_default="3")
    ] = None,
    rotation: Annotated[
        Setting, typer.Option(help="Largest, in degrees.", show_default="15")
    ] = None,
    translation: Annotated[
        Setting, typer.Option(help="Largest, as a fraction.", show_default="0.05")
    ] = None,
    scaling: Annotated[
        Setting, typer.Option(help="Largest change of scale.", show_default="0.05")
    ] = None,
    crop: Annotated[
        int | None, typer.Option(help="Side of the centre crop, pixels.", show_default="224")
    ] = None,
    flip: Annotated[
        Setting, typer.Option(help="Probability of a flip.", show_default="0.5")
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option("--seed", "--seeds", help="Repeatable.", show_default="0"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[
        str, typer.Option(help="auto (mixed on a GPU), single or mixed.")
    ] = "auto",
    half: Annotated[bool, typer.Option("--half", help="Store the weights as float16.")] = False,
    workers: Annotated[int, typer.Option(help="Threads that decode images.")] = 2,
    pixels: Annotated[
        Path | None,
        typer.Option(help="Where decoded images are kept.", show_default="OUT/pixels"),
    ] = None,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
) -> None:
    """Train a classifier with the paper's recipe; the same command goes on after an interruption.

    Defaults are the paper's. Writes weights with their provenance (safetensors) and a log.
    """
    from gazebench.cli.interrupts import heeded_interrupts
    from gazebench.cli.train_view import print_trained, watch
    from gazebench.training.config import TrainingConfig
    from gazebench.training.train import train as train_networks

    recipe = _recipe(
        epochs=epochs,
        batch=batch,
        learning_rate=lr,
        weight_decay=weight_decay,
        plateau_factor=plateau_factor,
        plateau_patience=plateau_patience,
        rotation=rotation,
        translation=translation,
        scaling=scaling,
        crop=crop,
        flip=flip,
    )
    config = TrainingConfig(
        model=model,
        dataset=dataset,
        out=out,
        data_root=data_root,
        dataset_options=dataset_options(dataset_option),
        plugins=tuple(plugin or ()),
        seeds=tuple(seed or (0,)),
        recipe=recipe,
        device=device,
        precision=_precision(precision),
        half=half,
        workers=workers,
        pixels=pixels,
    )
    try:
        with watch() as watched, heeded_interrupts(watched) as report:
            trained = train_networks(config, report)
    except KeyboardInterrupt:
        typer.echo("Finished epochs are kept: the same command goes on.", err=True)
        raise
    print_trained(trained)


def _recipe(**settings: Any) -> Recipe:
    from gazebench.training.recipe import Recipe

    return Recipe(**{key: value for key, value in settings.items() if value is not None})


def _precision(text: str) -> Any:
    from gazebench.training.device import Precision

    try:
        return Precision(text)
    except ValueError:
        raise UsageError(
            f"the precision must be {', '.join(Precision)}, found {text!r}", do="--precision auto"
        ) from None
