"""The options by which a user says what a table of scores means; several commands share them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gazebench.errors import UsageError

Texts = list[str] | None

Scores = Annotated[
    Path,
    typer.Argument(
        help="A CSV (.gz) or Parquet table with columns entry, metric, score and image (or "
        "case, or phase and trial), or a run's folder."
    ),
]
Declarations = Annotated[
    Texts, typer.Option(help="Declare a metric, such as nss:higher,chance=0; repeatable.")
]
Ceiling = Annotated[
    str | None, typer.Option(help="The ceiling's entry.", show_default="interobserver")
]
Floors = Annotated[Texts, typer.Option(help="An entry that is a floor; repeatable.")]
ImageColumns = Annotated[
    str | None, typer.Option(help="The columns that tell images apart, separated by commas.")
]
Title = Annotated[
    str, typer.Option(help="What to call the dataset.", show_default="the file's name")
]
PluginFiles = Annotated[list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")]

Resamples = Annotated[int, typer.Option(min=2, help="Of the bootstrap.")]


def columns(text: str | None) -> tuple[str, ...]:
    """Read what --image-columns was given.

    >>> columns("study, view")
    ('study', 'view')

    Raises:
        UsageError: a name is empty.
    """
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise UsageError(f"--image-columns takes NAME,NAME,..., found {text!r}")
    return names
