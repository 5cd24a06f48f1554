"""A publication on the terminal: what changes on the boards, and which files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gazebench.cli.board_view import shown_plainly
from gazebench.publish.verification.folder import SITE

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from gazebench.publish.publish import Prepared

INDENT = 2  # of what is said of a board, on a screen


def print_changes(prepared: Prepared, console: Console | None = None) -> None:
    """Print how boards change: below each other on a screen, elsewhere one line a change."""
    from rich.console import Console

    console = console or Console(highlight=False)
    if not prepared.changes:
        console.print("The board does not change.")
    elif console.is_terminal:
        for part in _by_board(prepared.changes):
            console.print(part)
    else:
        for change in prepared.changes:
            console.print(shown_plainly(change), soft_wrap=True)


def print_notes(prepared: Prepared, *, is_auto: bool, console: Console | None = None) -> None:
    """Print what else whoever publishes should know; not among the changes."""
    console = console or _beside()
    for note in _notes(prepared, is_auto=is_auto):
        console.print(shown_plainly(note), soft_wrap=not console.is_terminal)


def print_files(
    prepared: Prepared, written: Iterable[Path] | None, console: Console | None = None
) -> None:
    """Print which files were written; None for a publication that was only tried."""
    console = console or _beside()
    files = [*prepared.files, *prepared.rebuilt] if written is None else [*written]
    of_site = [path for path in files if path.is_relative_to(prepared.boards / SITE)]
    verbs = ("Would write", "Would remove") if written is None else ("Written", "Removed")
    for path in files:
        if path not in of_site:
            gone = path in prepared.files and prepared.files[path] is None
            console.print(shown_plainly(f"{verbs[gone]}: {path}"), soft_wrap=True)
    if of_site:
        counted = "1 file" if len(of_site) == 1 else f"{len(of_site)} files"
        said = f"{verbs[False]}: {counted} of {prepared.boards / SITE}"
        console.print(shown_plainly(said), soft_wrap=True)
    if not files:
        console.print(shown_plainly(f"As it is already: {prepared.file}"), soft_wrap=True)


def _notes(prepared: Prepared, *, is_auto: bool) -> Iterator[str]:
    record = prepared.record
    if record.suppressed:
        left_out = ", ".join(record.suppressed)
        yield f"Left out, for saying too much about few images: {left_out}"
    for why in prepared.unseen:
        yield f"Not compared with the dataset's transcripts and images: {why}"
    if record.is_restricted and is_auto:
        yield (
            f"{record.protocol.dataset} is restricted: the scores of single images stay here, and "
            "the record is claimed (--case-scores yes carries them under salted names)"
        )


def _by_board(changes: Iterable[str]) -> Iterator[RenderableType]:
    from rich.table import Table

    said: dict[str, Table] = {}
    for change in changes:
        board, _, sentence = change.partition(": ")
        if board not in said:
            said[board] = Table.grid()
            said[board].add_column(width=INDENT)
            said[board].add_column(overflow="fold")
        said[board].add_row("", shown_plainly(sentence))
    for board, sentences in said.items():
        yield shown_plainly(board, "bold")
        yield sentences


def _beside() -> Console:
    from rich.console import Console

    return Console(highlight=False, stderr=True)
