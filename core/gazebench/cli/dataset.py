"""`gazebench dataset`: which there are, what is in one, what is wrong with it, and made-up ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gazebench.cli.key_values import dataset_options
from gazebench.errors import DataError, PluginError, UsageError

if TYPE_CHECKING:
    from gazebench.registry.host import Host
    from gazebench.registry.plugin import Plugin
    from gazebench.spec.contracts import Problem
    from gazebench.spec.descriptors import Dataset
    from gazebench.spec.values import Size

dataset_app = typer.Typer(
    help="Datasets: list, explain, check and synthesise them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="As `gazebench dataset list` prints it.")]
Root = Annotated[Path | None, typer.Option("--data-root", help="Where the dataset's files are.")]
Options = Annotated[
    list[str] | None,
    typer.Option("--dataset-option", help="KEY=VALUE for the dataset plugin; repeatable."),
]
Files = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A single-file plugin; repeatable.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_SIZE = re.compile(r"([1-9]\d*)x([1-9]\d*)")


@dataset_app.command("list")
def list_datasets(plugin: Files = None, as_json: AsJson = False) -> None:
    """List the datasets that can be asked for, and what each can do."""
    from gazebench.cli.dataset_view import print_json, print_rows
    from gazebench.registry.host import Host

    host = Host(plugin or ())
    rows = [_listed(host, host.public_name(one)) for one in host.listed("dataset")]
    if as_json:
        print_json(rows)
    else:
        print_rows("Datasets", rows)


@dataset_app.command("info")
def info(
    name: Name,
    data_root: Root = None,
    dataset_option: Options = None,
    plugin: Files = None,
    as_json: AsJson = False,
) -> None:
    """Explain a dataset; with its files at hand, count what is in it."""
    from gazebench.cli.dataset_view import print_facts, print_json
    from gazebench.registry.host import Host

    found, descriptor = _dataset(Host(plugin or ()), name, dataset_option)
    facts: dict[str, Any] = _explained(found, descriptor)
    if data_root is not None or not descriptor.needs_root:
        from gazebench.cli.dataset_summary import summarise

        facts |= summarise(found.call(data_root))
    if as_json:
        print_json(facts)
        return
    print_facts(facts)
    if data_root is None and descriptor.needs_root:
        typer.echo("\nPass --data-root FOLDER to count what is in it.")


@dataset_app.command("validate")
def validate(
    name: Name,
    data_root: Root = None,
    dataset_option: Options = None,
    plugin: Files = None,
    as_json: AsJson = False,
) -> None:
    """List everything wrong with a dataset's files; exit with 3 when a run would refuse them."""
    from gazebench.cli.dataset_view import print_json, print_problems
    from gazebench.registry.host import Host

    found, descriptor = _dataset(Host(plugin or ()), name, dataset_option)
    _require_root(found, descriptor, data_root)
    problems = _problems(found, descriptor, data_root)
    fatal = sum(problem.is_fatal for problem in problems)
    if as_json:
        print_json([problem._asdict() for problem in problems])
    elif problems:
        print_problems(problems)
    else:
        typer.echo(f"{found.label}: nothing is wrong.")
    if fatal:
        raise DataError(
            f"{found.label}: {fatal} of {len(problems)} problems are fatal: a run would refuse it",
            do="mend the files listed above",
        )


@dataset_app.command("synthesize")
def synthesize(
    out: Annotated[Path, typer.Option(help="The folder to write; new or empty.")],
    cases: Annotated[int, typer.Option(min=1, help="Images with gaze.")] = 12,
    size: Annotated[str, typer.Option(help="HEIGHTxWIDTH of the images, in pixels.")] = "256x224",
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same files.")] = 0,
    training_images: Annotated[
        int, typer.Option(min=0, help="Further labelled images, without gaze.")
    ] = 0,
    dataset: Annotated[str, typer.Option(help="The dataset that is made up.")] = "phantom",
    plugin: Files = None,
) -> None:
    """Write a made-up dataset, complete or not at all."""
    from gazebench.cli.new_folder import new_folder
    from gazebench.registry.host import Host

    found, descriptor = _dataset(Host(plugin or ()), dataset, None)
    if descriptor.synthesize is None:
        raise PluginError(
            f"the dataset {found.name} cannot be synthesised", do="use --dataset phantom"
        )
    wanted = _size(size)
    with new_folder(out) as folder:
        descriptor.synthesize(
            folder, cases=cases, size=wanted, seed=seed, training_images=training_images
        )
    typer.echo(f"Written to {out}")


def _dataset(host: Host, name: str, texts: list[str] | None) -> tuple[Plugin, Dataset]:
    from gazebench.spec.descriptors import Dataset

    found = host.get("dataset", name, dataset_options(texts))
    assert isinstance(found.descriptor, Dataset)
    return found, found.descriptor


def _listed(host: Host, name: str) -> dict[str, str]:
    try:
        _, descriptor = _dataset(host, name, None)
    except (PluginError, UsageError) as error:
        return {"name": name, "what": error.message.splitlines()[0], "can": ""}
    return {"name": name, "what": descriptor.title, "can": ", ".join(_abilities(descriptor))}


def _abilities(descriptor: Dataset) -> list[str]:
    abilities = {
        "validate": descriptor.validate,
        "train": descriptor.training,
        "synthesize": descriptor.synthesize,
    }
    return [name for name, function in abilities.items() if function is not None]


def _explained(found: Plugin, descriptor: Dataset) -> dict[str, Any]:
    return {
        "name": found.label,
        "what": descriptor.title,
        "reference": descriptor.reference,
        "can": _abilities(descriptor),
        "parameters": [f"{n}={p.default!r}" for n, p in descriptor.parameters.items()],
        "restricted": descriptor.restricted,
    }


def _require_root(found: Plugin, descriptor: Dataset, root: Path | None) -> None:
    if root is None and descriptor.needs_root:
        raise UsageError(
            f"the dataset {found.name} lies on your disk, and --data-root does not say where",
            do=f"gazebench dataset validate {found.name} --data-root FOLDER",
        )


def _problems(found: Plugin, descriptor: Dataset, root: Path | None) -> list[Problem]:
    if descriptor.validate is None:
        raise PluginError(
            f"the dataset {found.name} cannot check its files",
            do=f"gazebench dataset info {found.name} opens it, which finds gross faults",
        )
    problems = list(descriptor.validate(root, **found.parameters))
    if any(problem.is_fatal for problem in problems):
        return problems
    return [*problems, *_problems_of_gaze(found, root)]


def _problems_of_gaze(found: Plugin, root: Path | None) -> Iterator[Problem]:
    """Yield what only all of the gaze together tells."""
    from gazebench.errors import NoGazeError
    from gazebench.gaze.whereabouts import check_gaze
    from gazebench.registry.asked import asked
    from gazebench.spec.contracts import Problem

    try:
        asked(found, " when asked for its gaze", lambda: check_gaze(found.call(root)))
    except NoGazeError:
        return
    except DataError as error:
        yield Problem(str(root or ""), None, error.message, is_fatal=True)


def _size(text: str) -> Size:
    from gazebench.spec.values import Size

    matched = _SIZE.fullmatch(text)
    if matched is None:
        raise UsageError(
            f"--size takes HEIGHTxWIDTH, found {text!r}", do="for example --size 256x224"
        )
    return Size(int(matched[1]), int(matched[2]))
