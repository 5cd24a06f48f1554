"""`gazebench export`: one entry where the field publishes, with what to cite."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Form(StrEnum):
    """What an entry can be exported as."""

    MODEL_CARD = "model-card"
    BIBTEX = "bibtex"
    CFF = "cff"


def export(
    path: Annotated[Path, typer.Argument(help="A record's file, or a board's folder.")],
    entry: Annotated[str, typer.Argument(help="An entry of it.")],
    form: Annotated[
        Form, typer.Option("--as", help="The head of a Hugging Face model card, or a citation.")
    ],
    url: Annotated[str, typer.Option(help="Where the board or the record can be seen.")] = "",
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
) -> None:
    """Print an entry's scores or citations for use elsewhere."""
    from gazebench.publish.exports.bibtex import bibtex
    from gazebench.publish.exports.cff import cff
    from gazebench.publish.exports.cited import declared_by
    from gazebench.publish.exports.find_entry import find_entry
    from gazebench.publish.exports.model_card import model_card
    from gazebench.registry.host import Host

    write = {Form.MODEL_CARD: model_card, Form.BIBTEX: bibtex, Form.CFF: cff}[form]
    host = Host(tuple(plugin or ()))
    typer.echo(write(find_entry(path, entry, declared_by(host), url=url)), nl=False)
