"""A replication in the terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from gazebench.leaderboard.replicate_words import (
    NOTHING,
    bounds,
    difference_text,
    found_text,
    fraction_text,
    group_text,
    how,
    in_words,
    named,
    no_fraction_in_words,
    p_text,
    place,
    seeds_in_words,
    seeds_text,
    survival_in_words,
    verdicts_in_words,
    widths_in_words,
)
from gazebench.leaderboard.replication import Match, MatchedNumber, Outcome, Replicated, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, RenderableType
    from rich.table import Table

STYLES = {Match.EXACT: "green", Match.ROUNDING: "yellow", Match.DIFFERENT: "bold red"}
OUTCOMES = {
    Outcome.SURVIVES: "green",
    Outcome.FOUND: "green",
    Outcome.LOST: "bold red",
    Outcome.UNDECIDED: "dim",
}
WIDTH = 100


def print_replication(found: Replicated, console: Console | None = None) -> None:
    """Print the printed figures beside ours, what became of their differences, and our statistics.

    What is sure to be there anyway (differences between entries that survive) is only counted.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(Text(found.title, "bold"))
    console.print(Text(found.reference, "dim"))
    for shown in _figures(found):
        console.print(shown)
    for shown in _survival(found) if found.differences else ():
        console.print(shown)
    for shown in _statistics(found) if found.standings else ():
        console.print(shown)


def _figures(found: Replicated) -> Iterator[RenderableType]:
    from rich.text import Text

    for table in found.tables:
        yield from ("", Text(f"{table.title}, from {table.file}", "bold"))
        yield _numbers([one for one in found.numbers if one.table == table.title])
        if table.note:
            yield _note(f"Note: {table.note}.")
    yield from ("", Text(in_words(found), "bold"))


def _survival(found: Replicated) -> Iterator[RenderableType]:
    from rich.text import Text

    for table in found.tables:
        same, others = _differences(found, table.title)
        if not same and not others.row_count:
            continue
        yield from ("", Text(f"{table.title}: which differences survive", "bold"), others)
        if same:
            yield _note(f"and {same} more that survive; --out writes them all")
    yield _note("p: after Holm's correction; seeds: in how many the better one is better")
    yield from ("", Text(survival_in_words(found), "bold"))
    if said := seeds_in_words(found):
        yield Text(said)


def _statistics(found: Replicated) -> Iterator[RenderableType]:
    from rich.text import Text

    for where, standings in groupby(found.standings, place):
        rows = list(standings)
        heading = f"{where} ({rows[0].n_images} images), with our statistics"
        yield from ("", Text(heading, "bold"), _standings(rows))
        yield from map(_note, no_fraction_in_words(rows))
    yield _note(
        "wider: the published interval over ours; tie: group (ranks that are possible); reader?: "
        "whether it is like one more reader"
    )
    yield from ("", Text(verdicts_in_words(found), "bold"), Text(widths_in_words(found)))


def _note(text: str) -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, "dim"), (0, 0, 0, 1))


def _numbers(numbers: list[MatchedNumber]) -> Table:
    """Return one line per figure: a score with its interval counts as one."""
    figures = dict.fromkeys(one.figure for one in numbers)
    has_parts = len({figure.subset for figure in figures}) > 1
    table = _table(*(("subset",) if has_parts else ()), "entry", "metric")
    table.add_column("printed", no_wrap=True)
    table.add_column("found", no_wrap=True)
    table.add_column("")
    for figure in figures:
        line = _line([one for one in numbers if one.figure == figure])
        table.add_row(*(line if has_parts else line[1:]))
    return table


def _line(numbers: list[MatchedNumber]) -> tuple[str, ...]:
    from rich.markup import escape

    figure = numbers[0].figure
    found = [one.found for one in numbers]
    worst = max(numbers, key=lambda one: list(Match).index(one.match))
    return (
        escape(figure.subset),
        escape(figure.entry),
        escape(figure.metric),
        escape(_spoken([one.printed for one in numbers])),
        escape(f" {NOTHING}" if None in found else _spoken([found_text(one) for one in numbers])),
        f"[{STYLES[worst.match]}]{escape(how(worst))}[/]",
    )


def _spoken(parts: list[str]) -> str:
    """Write a score with the bounds that are printed, decimal points under each other."""
    sign = "" if parts[0].startswith("-") else " "
    return sign + (parts[0] if len(parts) == 1 else f"{parts[0]} [{', '.join(parts[1:])}]")


def _differences(found: Replicated, title: str) -> tuple[int, Table]:
    """Return how many pairs merely survive, and the others with those that compare subsets."""
    from rich.markup import escape

    pairs = [pair for pair in found.differences if pair.table == title]
    shown = [p for p in pairs if p.outcome is not Outcome.SURVIVES or p.a == p.b]
    table = _table("better", "other")
    for heading in ("difference [95 %]", "p", "seeds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for metric, group in groupby(shown, lambda pair: pair.metric):
        table.add_row(_part(metric))
        for pair in group:
            style = OUTCOMES[pair.outcome]
            table.add_row(
                *map(escape, (*named(pair), difference_text(pair), p_text(pair.p_holm))),
                seeds_text(pair),
                f"[{style}]{escape(pair.outcome)}[/]",
            )
    return len(pairs) - len(shown), table


def _standings(rows: Iterable[Standing]) -> Table:
    from rich.markup import escape

    table = _table("entry")
    for heading in ("score", "95 %", "wider", "of ceiling", "tie"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("reader?", no_wrap=True)
    for metric, standings in groupby(rows, lambda one: one.metric):
        table.add_row(_part(metric))
        for one in standings:
            table.add_row(
                escape(one.entry),
                f"{one.cell.score:.3f}",
                escape(bounds(one.cell.interval)),
                "" if one.widening is None else f"{one.widening:.2f}",
                escape(fraction_text(one)),
                group_text(one),
                str(one.cell.like_a_reader or ""),
            )
    return table


def _part(metric: str) -> str:
    from rich.markup import escape

    return f"[bold cyan]{escape(metric)}[/]"


def _table(*names: str) -> Table:
    """Return a table whose first columns hold names; those are folded before a number is cut."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name == "metric")
    return table
