"""An explained number in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gazebench.cli.board_view import percentage, rounded, shown_plainly, wide_console
from gazebench.leaderboard.explanation import Explanation, ImageMean, Rival
from gazebench.spec.board import Cell, Interval
from gazebench.spec.in_words import ranks_in_words, share_in_words
from gazebench.spec.values import EntryKind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 100  # columns
ENDS = 5  # images shown at either end
SHOWN = 5  # substituted rows shown
DIGITS = 7  # of the recomputed number


def print_explanation(explanation: Explanation, console: Console | None = None) -> None:
    """Print what is behind a number, in the order in which it is computed."""
    from rich.padding import Padding

    console = console or wide_console(WIDTH)
    found = explanation
    where = "" if found.subset == "all" else f" on {found.subset}"
    console.print(shown_plainly(f"{found.metric} of {found.entry}{where}: {found.dataset}", "bold"))
    console.print()
    console.print(Padding(shown_plainly(_number(found), "bold"), (0, 0, 0, 2)))
    console.print()
    table = _two_columns()
    for heading, sentences in _sections(found):
        for number, sentence in enumerate(sentences):
            table.add_row("" if number else heading, shown_plainly(sentence))
    console.print(table)
    for heading, line in _to_copy(found):
        # Printed as it is: what is to be copied must not be wrapped by us.
        console.print(f"\n[dim]{heading}[/dim]")
        console.print(shown_plainly(line), soft_wrap=True)


def _two_columns() -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _number(found: Explanation) -> str:
    cell = found.cell
    if cell.score is None:
        return f"n/a: {cell.note}"
    share = "" if cell.fraction is None else f"  {percentage(cell.fraction)} of the ceiling"
    return f"{rounded(cell.score)} {_bounds(cell.interval)}{share}"


def _bounds(interval: Interval | None) -> str:
    return "" if interval is None else f"[{rounded(interval.low)}, {rounded(interval.high)}]"


def _sections(found: Explanation) -> Iterator[tuple[str, list[str]]]:
    yield "Formula", list(_formula(found))
    yield "Reference", [*found.formula.compared_with, *found.formula.notes]
    yield "Made by", list(found.made_by)
    yield "Rows", list(_rows(found))
    yield "Images", list(_images(found))
    yield "Interval", [found.interval] if found.cell.interval else ["none: fewer than two images"]
    yield "Ceiling", list(_ceiling(found))
    yield "Place", list(_place(found))
    yield "Notes", list(found.notes)
    yield "Versions", [", ".join(found.versions)] if found.versions else []


def _formula(found: Explanation) -> Iterator[str]:
    formula = found.formula
    direction = "higher" if formula.higher_is_better else "lower"
    span = "" if formula.range is None else f", {formula.range[0]:g} to {formula.range[1]:g}"
    version = f" version {formula.version}" if formula.version else ""
    yield f"{formula.title}{version}: {direction} is better{span}"
    yield from filter(None, [*formula.text.split("\n"), formula.reference, formula.source])


def _rows(found: Explanation) -> Iterator[str]:
    cell = found.cell
    if found.recomputed is not None:
        yield (
            f"the mean of {cell.n_rows:,} rows, computed again: {found.recomputed:.{DIGITS}f} (the "
            "board's number)"
        )
    seeds = ", ".join(map(str, found.seeds))
    yield (
        f"{cell.n_images} of {_count(found.n_images, 'image')}, "
        f"{_count(found.readings, 'reading')}, "
        f"{_count(len(found.seeds), 'seed')} ({seeds})"
    )
    if found.gaps:
        yield found.gaps
    for one in found.substitutions[:SHOWN]:
        instead = "left out" if one.value is None else f"{rounded(one.value)} counts instead"
        yield f"case {one.case}, reading {one.reading}, seed {one.seed}: {one.status}, {instead}"
    if len(found.substitutions) > SHOWN:
        yield f"... and {len(found.substitutions) - SHOWN:,} more"
    yield f"in {found.rows.file}: {found.rows.condition}"


def _images(found: Explanation) -> Iterator[str]:
    images = found.images
    if not images:
        return
    if len(images) <= 2 * ENDS:
        yield _listed("all", images)
        return
    yield _listed("lowest", images[:ENDS])
    yield _listed("highest", images[: -ENDS - 1 : -1])


def _listed(name: str, images: tuple[ImageMean, ...]) -> str:
    return f"{name}: " + ", ".join(f"{image.case} {rounded(image.mean)}" for image in images)


def _ceiling(found: Explanation) -> Iterator[str]:
    cell, chance = found.cell, found.chance
    level = "unknown" if chance is None else rounded(chance)
    if found.ceiling is None or found.ceiling[1].score is None:
        yield f"none; chance {level}"
    else:
        name, ceiling = found.ceiling
        score = "n/a" if ceiling.score is None else rounded(ceiling.score)
        yield f"{name} {score} {_bounds(ceiling.interval)}; chance {level}"
        if None not in (cell.fraction, found.matched, chance):
            yield _fraction(found, ceiling, chance or 0.0)
    if cell.fraction is None and cell.fraction_note:
        yield f"no fraction of the ceiling: {cell.fraction_note}"
    if cell.like_a_reader is not None:
        yield f"like one more reader: {cell.like_a_reader}"


def _fraction(found: Explanation, ceiling: Cell, chance: float) -> str:
    assert found.matched is not None
    assert ceiling.score is not None
    interval = found.cell.fraction_interval
    bounds = interval and f" [{percentage(interval.low)}, {percentage(interval.high)}]"
    matched = "" if found.matched == found.cell.score else ", over the readings with a ceiling"
    return (
        f"fraction of it: ({rounded(found.matched)} - {rounded(chance)}) / "
        f"({rounded(ceiling.score)} - {rounded(chance)}) = {percentage(found.cell.fraction)}"
        f"{bounds or ''}{matched}"
    )


def _place(found: Explanation) -> Iterator[str]:
    cell = found.cell
    if cell.tie_group is None:
        if found.kind is not EntryKind.ENTRY:
            yield f"none: a {found.kind} is not ranked"
        return
    yield (
        f"group {cell.tie_group}, rank {ranks_in_words(cell.ranks)} of {len(found.rivals) + 1}, "
        f"best in {share_in_words(cell.probability_best)} of the resamples"
    )
    better = [rival for rival in found.rivals if rival.is_separated and rival.lead > 0]
    worse = [rival for rival in found.rivals if rival.is_separated and rival.lead < 0]
    alike = [rival for rival in found.rivals if not rival.is_separated]
    for name, rivals in (("better than", better), ("worse than", worse), ("not told from", alike)):
        if rivals:
            yield f"{name} " + ", ".join(map(_rival, rivals))
    if found.rivals:
        yield f"p by {found.differences}"


def _rival(rival: Rival) -> str:
    if rival.p_holm is None:
        return rival.entry
    value = "< 0.001" if rival.p_holm < 0.001 else f"{rival.p_holm:.3f}"
    return f"{rival.entry} (p {value})"


def _to_copy(found: Explanation) -> Iterator[tuple[str, str]]:
    yield "The mean of the rows that have a value, in Python:", found.rows.line
    if found.command:
        yield "What made the run:", found.command
    yield "This number again, from the rows:", found.again


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
