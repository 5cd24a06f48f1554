"""Hook specifications: everything that may listen to a run or extend the command line.

Register a module or object with these functions, marked `@hookimpl`, under the entry-point group
`gazebench`. A hook that raises is reported and does not stop the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from gazebench.spec.board import Board
    from gazebench.spec.descriptors import Descriptor
    from gazebench.spec.events import Event

hookspec = pluggy.HookspecMarker("gazebench")
hookimpl = pluggy.HookimplMarker("gazebench")


@hookspec
def gazebench_register() -> Mapping[str, Descriptor]:  # type: ignore[empty-body]
    """Give plugins that are made by a program rather than named by an entry point.

    Called once, when plugins are first listed or looked up, so it must not import anything heavy.
    Returns public name -> descriptor; the kind is the descriptor's. Order does not matter: a name
    that exists already is a collision, reported by `gazebench plugins doctor`. A hook that raises
    is quarantined.
    """


@hookspec
def gazebench_event(event: Event) -> None:
    """Hear what happens in a run: see `gazebench.spec.events`.

    Called in the process that drives the run, in the order of events. Returns nothing. An error is
    reported as a notice and the run goes on.
    """


@hookspec
def gazebench_board_written(board: Board, folder: Path) -> None:
    """Do something with a finished leaderboard, after every exporter has written.

    Called once per run or ranking. Returns nothing. An error is reported as a notice.
    """


@hookspec
def gazebench_commands(app: typer.Typer) -> None:
    """Add commands to the command line.

    Called when the command line starts, so it must not import anything heavy. Returns nothing. A
    hook that raises is reported by `gazebench plugins doctor`, and the other commands keep working.
    """
