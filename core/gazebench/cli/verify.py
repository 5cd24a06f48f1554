"""`gazebench verify`: does what is published hold?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gazebench.errors import RecordError, UsageError

if TYPE_CHECKING:
    from gazebench.publish.verification.checks import Verification

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def verify(
    path: Annotated[
        Path, typer.Argument(help="A record's file, a board's folder, or a folder of boards.")
    ],
    run: Annotated[
        Path | None, typer.Option(help="A run of the record's settings to compare it with.")
    ] = None,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Make the record's run again, and compare.")
    ] = False,
    data_root: Annotated[
        Path | None, typer.Option(help="Where the dataset's files are; means --rerun.")
    ] = None,
    files: Annotated[
        Path, typer.Option(help="Where the weights, plugin files and maps are that it names.")
    ] = Path(),
    device: Annotated[
        str | None, typer.Option(help="Of the rerun.", show_default="the record's")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the rerun.", show_default="runs/...")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Attest the rerun in a file beside the record.")
    ] = False,
    date: Annotated[str, typer.Option(help="To state in the attestation, YYYY-MM-DD.")] = "",
    against: Annotated[
        Path | None, typer.Option(help="Another folder of boards: say what changes from it.")
    ] = None,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A single-file plugin; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Verify what is published, without its data or with them; exit with 6 where it fails."""
    from gazebench.publish.verification.rerun import attest, rerun_check
    from gazebench.publish.verification.verify import verify as verify_path
    from gazebench.registry.host import Host

    wants_rerun = rerun or data_root is not None
    _refuse_nonsense(run, wants_rerun, write=write, date=date)
    host = Host(tuple(plugin or ()))
    found, compared = verify_path(path, host), None
    if wants_rerun or run is not None:
        from gazebench.publish.verification.rerun import compare_with_run

        _stop_where_it_fails(found)
        settings = {"data_root": data_root, "device": device, "out": out}
        folder = run or _made_again(path, files, {k: v for k, v in settings.items() if v})
        compared = compare_with_run(path, folder, host)
        found = replace(found, checks=(*found.checks, rerun_check(compared)))
    changed = _changes(found, path, against) if against is not None else None
    _print(found, changed, as_json=as_json, as_markdown=as_markdown)
    _stop_where_it_fails(found)
    if write and compared is not None:
        typer.echo(f"Written: {attest(compared, date)}", err=True)


def _refuse_nonsense(run: Path | None, wants_rerun: bool, *, write: bool, date: str) -> None:
    if run is not None and wants_rerun:
        raise UsageError(
            "--run compares with a run that is there, --rerun makes one", do="choose one of them"
        )
    if write and run is None and not wants_rerun:
        raise UsageError("--write attests a rerun, and none is asked for", do="add --rerun")
    if date and not DATE.fullmatch(date):
        raise UsageError(f"--date takes YYYY-MM-DD, found {date!r}")


def _stop_where_it_fails(found: Verification) -> None:
    if not found.failed:
        return
    names = ", ".join(dict.fromkeys(str(check.name) for check in found.failed))
    raise RecordError(f"{found.path} does not hold: {names}", do="see what is said above")


def _made_again(path: Path, files: Path, settings: dict[str, Path | str]) -> Path:
    """Make a record's run, and return its folder."""
    from gazebench.cli.console import console_for
    from gazebench.cli.interrupts import heeded_interrupts
    from gazebench.publish.verification.rerun import read_one, settings_of
    from gazebench.running.run import run_config

    stored, _ = read_one(path)
    config = settings_of(stored, files, **settings)
    with console_for(json_events=False) as reporter, heeded_interrupts(reporter) as report:
        return run_config(config, overridden=sorted(settings), report=report).folder


def _changes(found: Verification, path: Path, against: Path) -> list[str]:
    """Say what changes on the boards; nothing can be said of records that do not hold."""
    from gazebench.publish.diff import changes
    from gazebench.publish.reading import read_leaderboards

    if found.failed:
        return ["What does not hold is not joined to a board."]
    return list(changes(read_leaderboards(against), read_leaderboards(path)))


def _print(
    found: Verification, changed: list[str] | None, *, as_json: bool, as_markdown: bool
) -> None:
    from gazebench.publish.verification.report import verification_json, verification_markdown

    if as_json:
        typer.echo(verification_json(found, changed), nl=False)
    elif as_markdown:
        typer.echo(verification_markdown(found, changed), nl=False)
    else:
        from gazebench.cli.verify_view import print_verification

        print_verification(found, changed)
