"""A replication in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazebench.leaderboard.replicate import Match, MatchedNumber, Replicated
from gazebench.leaderboard.replicate_files import (
    how,
    in_words,
    named,
    outcome,
    p_text,
    survival_in_words,
    widths_in_words,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STYLES = {Match.EXACT: "green", Match.ROUNDING: "yellow", Match.DIFFERENT: "bold red"}
OUTCOMES = {
    "survives": "green",
    "newly found": "green",
    "lost": "bold red",
    "undecided": "dim",
}
WIDTH = 100


def print_replication(found: Replicated, console: Console | None = None) -> None:
    """Print the printed figures beside ours, and what became of their differences."""
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(Text(found.title, "bold"))
    console.print(Text(found.reference, "dim"))
    for table in found.tables:
        console.print()
        console.print(Text(f"{table.title}, from {table.file}", "bold"))
        console.print(_numbers(found, table.title))
        if table.note:
            console.print(Text(f"  {table.note}", "dim"))
    console.print()
    console.print(Text(in_words(found), "bold"))
    for table in found.tables:
        console.print()
        same, others = _differences(found, table.title)
        console.print(Text(f"{table.title}: which differences survive", "bold"))
        console.print(others)
        if same:
            console.print(Text(f"  and {same} more that survive; --out writes them all", "dim"))
    console.print()
    console.print(Text(survival_in_words(found), "bold"))
    console.print(Text(widths_in_words(found)))


def _numbers(found: Replicated, title: str) -> Table:
    """Return one line per figure: a score with its interval counts as one."""
    figures = dict.fromkeys(one.figure for one in found.numbers if one.table == title)
    parts = {figure.subset for figure in figures}
    table = _table(*(("subset",) if len(parts) > 1 else ()), "entry", "metric")
    table.add_column("printed", justify="right", no_wrap=True)
    table.add_column("found", justify="right", no_wrap=True)
    table.add_column("")
    for figure in figures:
        numbers = [o for o in found.numbers if o.table == title and o.figure == figure]
        line = _line(numbers)
        table.add_row(*(line if len(parts) > 1 else line[1:]))
    return table


def _line(numbers: list[MatchedNumber]) -> tuple[str, ...]:
    from rich.markup import escape

    figure = numbers[0].figure
    worst = max(numbers, key=lambda one: list(Match).index(one.match))
    found = ["n/a" if one.found is None else f"{one.found:.3f}" for one in numbers]
    return (
        escape(figure.subset),
        escape(figure.entry),
        escape(figure.metric),
        escape(_spoken([one.printed for one in numbers])),
        escape(_spoken(found)),
        f"[{STYLES[worst.match]}]{escape(how(worst))}[/]",
    )


def _spoken(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{parts[0]} [{', '.join(parts[1:])}]"


def _differences(found: Replicated, title: str) -> tuple[int, Table]:
    """Return how many pairs merely survive, and the others with those that compare subsets."""
    from rich.markup import escape

    table, left_out = _table("metric", "better", "other"), 0
    table.add_column("difference [95 %]", justify="right", no_wrap=True)
    table.add_column("p (Holm)", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for pair in found.differences:
        if pair.table != title:
            continue
        if pair.apart and pair.survives and pair.a != pair.b:
            left_out += 1
            continue
        better, other = named(pair)
        bounds = f" [{pair.interval.low:.3f}, {pair.interval.high:.3f}]" if pair.interval else ""
        said = outcome(pair)
        table.add_row(
            escape(pair.metric),
            escape(better),
            escape(other),
            escape(f"{pair.difference:.3f}{bounds}"),
            p_text(pair.p_holm),
            f"[{OUTCOMES[said]}]{said}[/]",
        )
    return left_out, table


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name != "")
    return table
