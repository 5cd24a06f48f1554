"""A verification on the terminal: one line per check, and every problem below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gazebench.cli.board_view import shown_plainly, wide_console
from gazebench.publish.verification.checks import Check, Outcome, Verification
from gazebench.publish.verification.report import in_one_line, shown

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.NOTED: "yellow",
    Outcome.SKIPPED: "dim",
}
WIDTH = 100  # columns


def print_verification(
    verification: Verification,
    changes: Sequence[str] | None = None,
    console: Console | None = None,
) -> None:
    """Print the table of checks, file by file, how many hold, and how boards change."""
    console = console or wide_console(WIDTH, WIDTH)
    for part in verification_lines(verification):
        console.print(part)
    if changes is not None:
        for change in changes or ["The boards do not change."]:
            console.print(shown_plainly(change))


def verification_lines(verification: Verification) -> Iterator[RenderableType]:
    """Yield what to print."""
    width = max((len(check.name) for check in verification.checks), default=0)
    where = None
    for check in verification.checks:
        if check.where != where:
            where = check.where
            yield shown_plainly(where, "bold")
        yield _line(check, width)
        if check.outcome is not Outcome.SKIPPED:
            yield from (shown_plainly(f"           {said}") for said in shown(check.said))
        if check.do:
            yield shown_plainly(f"           Do: {check.do}", "dim")
    yield shown_plainly(f"{in_one_line(verification)}.")


def _line(check: Check, width: int) -> RenderableType:
    why = f"  {check.said[0]}" if check.outcome is Outcome.SKIPPED and check.said else ""
    line = f"  {check.outcome:<6}  {check.name:<{width}}{why}".rstrip()
    return shown_plainly(line, STYLES[check.outcome])
