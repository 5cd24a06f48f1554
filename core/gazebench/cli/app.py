"""The `gazebench` command: its groups, and the one place where errors become messages."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress

import typer

from gazebench import __version__
from gazebench.cli.compare import compare
from gazebench.cli.dataset import dataset_app
from gazebench.cli.explain import explain
from gazebench.cli.export import export
from gazebench.cli.merge import merge
from gazebench.cli.new import new
from gazebench.cli.plugins import plugins_app
from gazebench.cli.publish import publish
from gazebench.cli.rank import rank
from gazebench.cli.rebuild import rebuild
from gazebench.cli.replicate import replicate
from gazebench.cli.report import report
from gazebench.cli.rescore import rescore
from gazebench.cli.run import run
from gazebench.cli.site import site
from gazebench.cli.status import status
from gazebench.cli.subsets import subsets
from gazebench.cli.train import train
from gazebench.cli.verify import verify
from gazebench.errors import GazeBenchError, RunError
from gazebench.spec.printable import printable

INTERRUPTED = 130  # what shells report for Ctrl-C
PATIENCE_S = 2.0  # with threads that plugins have left at work


def make_app() -> typer.Typer:
    """Build the command line, with the commands that plugins add."""
    app = typer.Typer(
        name="gazebench",
        help="Do a model's saliency maps look where radiologists look?",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_options)
    app.command()(run)
    app.command()(merge)
    app.command()(rescore)
    app.command()(rank)
    app.command()(compare)
    app.command()(explain)
    app.command()(status)
    app.command()(subsets)
    app.command()(replicate)
    app.command()(report)
    app.command()(publish)
    app.command()(rebuild)
    app.command()(site)
    app.command()(verify)
    app.command()(export)
    app.command()(train)
    app.command()(new)
    app.add_typer(plugins_app, name="plugins")
    app.add_typer(dataset_app, name="dataset")
    return app


def main() -> None:
    """Run the command line and end its process, whatever threads plugins have left behind."""
    before, ended = frozenset(threading.enumerate()), SystemExit(0)
    try:
        _run()
    except SystemExit as end:
        ended = end
    if any(_lasting(before)):  # Python would wait for them, for ever
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    raise ended


def _lasting(before: AbstractSet[threading.Thread]) -> Iterator[threading.Thread]:
    """Yield threads that began since and do not end, though they are given a while."""
    until = time.monotonic() + PATIENCE_S
    for thread in threading.enumerate():
        if not thread.daemon and thread not in before:
            thread.join(max(until - time.monotonic(), 0.0))
            if thread.is_alive():
                yield thread


def _run() -> None:
    """Run the command line; every expected error ends in one message and its exit code."""
    try:
        _app_with_plugin_commands()()
    except GazeBenchError as error:
        if os.environ.get("GAZEBENCH_DEBUG"):
            raise
        _complain(error)
        sys.exit(error.exit_code)
    except MemoryError:
        _complain(
            RunError(
                "this machine has not enough memory for that",
                do="take fewer --workers and --threads, or a smaller --batch",
            )
        )
        sys.exit(RunError.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`gazebench ... | head`): nothing to tell anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if os.environ.get("GAZEBENCH_DEBUG"):
            raise
        where = f"{error.filename}: " if error.filename else ""
        _complain(
            RunError(
                f"{where}{error.strerror or error}",
                do="see whether the place is there, may be written and has space; what is recorded "
                "is kept, and the same command goes on",
            )
        )
        sys.exit(RunError.exit_code)
    except KeyboardInterrupt:
        _print_error("Interrupted.")
        sys.exit(INTERRUPTED)


def _app_with_plugin_commands() -> typer.Typer:
    from gazebench.registry.host import Host

    app = make_app()
    Host().add_commands(app)
    return app


def _options(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        typer.echo(f"gazebench {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _complain(error: GazeBenchError) -> None:
    _print_error(f"Error: {error.message}")
    if error.do:
        _print_error(f"Do: {error.do}")


def _print_error(text: str) -> None:
    print(printable(text), file=sys.stderr)  # noqa: T201 - the one place that talks to stderr
