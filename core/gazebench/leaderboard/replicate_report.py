"""A replication as a report to read, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from gazebench.leaderboard.replicate_words import (
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
from gazebench.leaderboard.replication import Replicated, Standing

LEFT, RIGHT = ":---", "---:"


def report(found: Replicated) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"# {found.title}"
    yield ""
    yield f"{found.reference}. Made by `gazebench replicate {found.name} FOLDER --out FOLDER`."
    yield ""
    yield from _numbers(found)
    if found.differences:
        yield from _differences(found)
    if found.standings:
        yield from _statistics(found)


def _numbers(found: Replicated) -> Iterator[str]:
    yield from ("## Printed figures", "", in_words(found), "")
    yield from _table(
        {
            "table": LEFT, "subset": LEFT, "entry": LEFT, "metric": LEFT, "number": LEFT,
            "printed": RIGHT, "found": RIGHT, "match": LEFT,
        },
        (
            (
                one.table, one.figure.subset, one.figure.entry, one.figure.metric, one.quantity,
                one.printed, found_text(one), how(one),
            )
            for one in found.numbers
        ),
    )  # fmt: skip
    for table in found.tables:
        yield f"- {table.title} from `{table.file}`" + (f": {table.note}." if table.note else ".")
    yield ""


def _differences(found: Replicated) -> Iterator[str]:
    yield from ("## Which differences survive", "", survival_in_words(found), "")
    if said := seeds_in_words(found):
        yield from (said, "")
    yield from _table(
        {
            "table": LEFT, "metric": LEFT, "better": LEFT, "other": LEFT,
            "difference [95 %]": RIGHT, "p (Holm)": RIGHT, "seeds": RIGHT,
            "published intervals": LEFT, "outcome": LEFT,
        },
        (
            (
                pair.table, pair.metric, *named(pair), difference_text(pair), p_text(pair.p_holm),
                seeds_text(pair), "apart" if pair.apart else "overlap", str(pair.outcome),
            )
            for pair in found.differences
        ),
    )  # fmt: skip


def _statistics(found: Replicated) -> Iterator[str]:
    board = next(iter(found.ours.values()))
    yield from ("## The same scores with our statistics", "", widths_in_words(found), "")
    yield from (verdicts_in_words(found), "")
    yield (
        f"Ours: {board.interval}; ties: {board.differences}. Wider: the width of the published "
        "interval over ours; a tie group is followed by the ranks that are possible."
    )
    yield ""
    for where, standings in groupby(found.standings, place):
        rows = list(standings)
        yield from (f"### {where} ({rows[0].n_images} images)", "")
        yield from _place(rows)


def _place(rows: list[Standing]) -> Iterator[str]:
    yield from _table(
        {
            "metric": LEFT, "entry": LEFT, "score": RIGHT, "published": RIGHT, "ours": RIGHT,
            "wider": RIGHT, "of ceiling": RIGHT, "like a reader": LEFT, "tie group (ranks)": LEFT,
        },
        (
            (
                one.metric, one.entry, f"{one.cell.score:.3f}", bounds(one.published),
                bounds(one.cell.interval),
                "" if one.widening is None else f"{one.widening:.2f}",
                fraction_text(one), str(one.cell.like_a_reader or ""), group_text(one),
            )
            for one in rows
        ),
    )  # fmt: skip
    for note in no_fraction_in_words(rows):
        yield from (note, "")


def _table(columns: dict[str, str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _line(columns)
    yield "|" + "|".join(columns.values()) + "|"
    yield from map(_line, rows)
    yield ""


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
