"""`gazebench new`: a plugin to start from, with tests that pass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gazebench.errors import RunError, UsageError


def new(
    kind: Annotated[
        str,
        typer.Argument(
            help="method, image-method, model, metric, dataset, reference, floor, subset or "
            "exporter."
        ),
    ],
    name: Annotated[str, typer.Argument(help="What the plugin will be called.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The folder, or the file, to write.", show_default="./gazebench-NAME"),
    ] = None,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Write one file for --plugin, not a package.")
    ] = False,
) -> None:
    """Write a plugin of a kind: a package that can be installed, its tests, and what to do next."""
    from gazebench.authoring import scaffold
    from gazebench.authoring.names import names_for

    plugin_kind = scaffold.kind_of(kind)
    names = names_for(name)
    _refuse_taken(plugin_kind, names.public)
    if single_file:
        target = out or Path(f"{names.function}.py")
        _write_file(target, scaffold.single_file(kind, names))
        typer.echo(_after_file(plugin_kind, names.public, target))
        return
    target = out or Path(names.distribution)
    _write_folder(target, scaffold.package_files(kind, names))
    typer.echo(_after_folder(plugin_kind, names.public, target))


def _refuse_taken(kind: str, name: str) -> None:
    from gazebench.registry.host import Host

    taken = [one.source for one in Host().listed(kind) if one.name == name]
    if taken:
        raise UsageError(
            f"{taken[0]} has a {kind} called {name!r} already", do="choose another name"
        )


def _write_folder(target: Path, files: dict[str, str]) -> None:
    from gazebench.cli.new_folder import new_folder

    with new_folder(target) as folder:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")


def _write_file(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(
            f"{target} exists, and nothing is overwritten", do="choose another --out"
        ) from error
    except OSError as error:
        raise RunError(
            f"cannot write {target}: {error.strerror or error}", do="choose another --out"
        ) from error


def _after_folder(kind: str, name: str, target: Path) -> str:
    asked = {"exporter": "", "dataset": f" --dataset {name} --data-root FOLDER"}
    return (
        f"Written to {target}. Next:\n"
        f"  cd {target}\n"
        f"  pip install -e '.[test]'\n"
        f"  pytest\n"
        f"  gazebench plugins check {name}\n"
        f"  gazebench run{asked.get(kind, f' --{kind} {name}')}"
    )


def _after_file(kind: str, name: str, target: Path) -> str:
    return (
        f"Written to {target}. Next:\n"
        f"  gazebench plugins check {name} --kind {kind} --plugin {target}\n"
        f"  gazebench run --plugin {target}"
    )
