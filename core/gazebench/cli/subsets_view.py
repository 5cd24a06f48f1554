"""A subset analysis in the terminal: the answer, a table per metric, the pairs that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gazebench.cli.board_view import (
    BOUNDS,
    PROSE,
    SCORE,
    STYLES,
    rounded,
    ruled,
    shown_plainly,
    wide_console,
)
from gazebench.leaderboard.contrast_values import (
    Contrast,
    Family,
    Quantity,
    SubsetAnalysis,
    SubsetRow,
)
from gazebench.leaderboard.contrast_words import (
    answer,
    cut_in_words,
    how_tested,
    most_shown,
    p_in_words,
)
from gazebench.spec.board import MetricColumn
from gazebench.spec.in_words import chance_in_words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

MOST_PAIRS = 12  # that are printed; all are in contrasts.csv
INDENT, NAME = 2, 25  # columns of a subset's name: before it, and at most
CEILING, TEST = 17, 14  # columns of "-100 [-100, -100]" and of "-0.123 <0.001*"
CERTAIN = "bold green"
SIGNIFICANT, LIKE_THE_CEILING = "*", "~"


def print_subsets(
    analysis: SubsetAnalysis, *, metrics: Sequence[str], console: Console | None = None
) -> None:
    """Print the answer, then the tables of these metrics, then how it was tested."""
    console = console or wide_console(PROSE, PROSE)
    for part in subset_lines(analysis, metrics):
        console.print(part)


def subset_lines(analysis: SubsetAnalysis, metrics: Sequence[str]) -> Iterator[RenderableType]:
    """Yield what to print; it fits 100 columns."""
    yield shown_plainly(f"{analysis.dataset}: where are maps most like the readers?", "bold")
    summary, *sentences = answer(analysis)
    yield shown_plainly(summary)
    yield _listed(sentences)
    for metric in metrics:
        yield _heading(analysis.metric(metric))
        yield from _tables(analysis, metric)
        yield from _pairs(analysis, metric)
        yield from _entries(analysis, metric)
    yield shown_plainly("")
    for line in _legend(analysis, metrics):
        yield shown_plainly(line, "dim")
    for notice in analysis.notices:
        yield shown_plainly(f"Note: {notice}", "bold")


def _heading(metric: MetricColumn) -> Text:
    direction = "" if metric.higher_is_better else ", lower is better"
    return shown_plainly(f"\n{metric.name}, {chance_in_words(metric)}{direction}", "bold")


def _listed(sentences: Sequence[str]) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    for sentence in sentences:
        grid.add_row("-", shown_plainly(sentence))
    return grid


def _tables(analysis: SubsetAnalysis, metric: str) -> Iterator[RenderableType]:
    """Yield a heading, then every entry's name and its subsets: names need the whole width."""
    tested = {quantity: _by_place(analysis, metric, quantity) for quantity in Quantity}
    likened = analysis.family(metric, Quantity.SCORE, Family.CEILING)
    like = {(c.first.entry, c.first.subset) for c in likened if _is_like(c)}
    name = min(max(len(subset) for subset in analysis.subsets) + INDENT, NAME)
    yield _columns(name, heading=True)
    ceiling = () if analysis.ceiling is None else (analysis.ceiling,)
    for entry in (*ceiling, *most_shown(analysis)):
        yield shown_plainly(entry, STYLES[analysis.entries[entry]] or "bold")
        table = _columns(name, heading=False)
        for subset in analysis.subsets:
            row = analysis.row(metric, entry, subset)
            place = entry, frozenset({subset, analysis.rest.get(subset, "")})
            table.add_row(
                shown_plainly(" " * INDENT + subset),
                shown_plainly(str(row.n_images)),
                _score(row),
                _fraction(row, is_ceiling=entry == analysis.ceiling, is_like=_place(row) in like),
                _difference(tested[Quantity.SCORE].get(place), subset),
                _difference(tested[Quantity.FRACTION].get(place), subset),
            )
        yield table


def _place(row: SubsetRow) -> tuple[str, str]:
    return row.entry, row.subset


def _columns(name: int, *, heading: bool) -> Table:
    from rich.table import Table

    table = Table(box=ruled(), padding=0, pad_edge=False, show_edge=False, show_header=heading)
    table.add_column("\nentry", overflow="fold", width=name)
    table.add_column("\nimages", justify="right", width=6)
    table.add_column("\n score [95 %]", overflow="fold", width=SCORE + 1 + BOUNDS)
    table.add_column("% of the\nceiling [95 %]", overflow="fold", width=CEILING)
    table.add_column(" minus rest:\n score      p", overflow="fold", width=TEST)
    table.add_column("\n    %      p", overflow="fold", width=TEST)
    return table


def _by_place(
    analysis: SubsetAnalysis, metric: str, quantity: Quantity
) -> dict[tuple[str, frozenset[str]], Contrast]:
    family = analysis.family(metric, quantity, Family.SUBSETS)
    return {(c.first.entry, frozenset({c.first.subset, c.second.subset})): c for c in family}


def _is_like(contrast: Contrast) -> bool:
    return contrast.p_holm is not None and not contrast.is_significant


def _score(row: SubsetRow) -> Text:
    if row.score is None:
        return shown_plainly(f"{'n/a':>{SCORE}}", "dim")
    between = row.interval
    bounds = "" if between is None else f" [{rounded(between.low)}, {rounded(between.high)}]"
    return shown_plainly(f"{rounded(row.score):>{SCORE}}{bounds}")


def _fraction(row: SubsetRow, *, is_ceiling: bool, is_like: bool) -> Text:
    if is_ceiling:
        return shown_plainly("")
    mark = LIKE_THE_CEILING if is_like else " "
    if row.fraction is None:
        return shown_plainly(f" n/a{mark}", "dim")
    between = row.fraction_interval
    bounds = "" if between is None else f"[{100 * between.low:.0f}, {100 * between.high:.0f}]"
    return shown_plainly(f"{_whole(row.fraction):>4}{mark}{bounds}", "cyan")


def _difference(contrast: Contrast | None, subset: str) -> Text:
    """Write subset - rest, also where the contrast was made the other way round."""
    if contrast is None:
        return shown_plainly("")
    if contrast.difference is None:
        return shown_plainly("   n/a", "dim")
    sign = 1 if contrast.first.subset == subset else -1
    by = _signed(sign * contrast.difference, contrast.quantity)
    mark = SIGNIFICANT if contrast.is_significant else ""
    said = f"{by:>{SCORE}} {p_in_words(contrast.p_holm):>{SCORE}}{mark}"
    return shown_plainly(said, CERTAIN if contrast.is_significant else "")


def _whole(fraction: float) -> str:
    return f"{round(100 * fraction)}"


def _signed(difference: float, quantity: Quantity) -> str:
    if quantity is Quantity.FRACTION:
        return f"{round(100 * difference):+d}"
    return f"{round(difference, 3) + 0.0:+.3f}"  # no minus before zero


def _pairs(analysis: SubsetAnalysis, metric: str) -> Iterator[Text]:
    """Yield the pairs of subsets that differ, other than a subset and its rest."""
    shown = {*most_shown(analysis), analysis.ceiling}
    rests = {frozenset(pair) for pair in analysis.rest.items()}
    pairs = [
        one
        for quantity in (Quantity.SCORE, Quantity.FRACTION)
        for one in analysis.family(metric, quantity, Family.SUBSETS)
        if frozenset({one.first.subset, one.second.subset}) not in rests
        and one.first.entry in shown
    ]
    certain = [one for one in pairs if one.is_significant]
    if pairs:
        colon = ":" if certain else ""
        said = f"{len(certain)} of {len(pairs)} contrasts of score and fraction{colon}"
        yield shown_plainly(f"\nOther pairs of subsets that differ: {said}")
    for one in certain[:MOST_PAIRS]:
        yield shown_plainly(f"  {_pair_in_words(one)}")
    if len(certain) > MOST_PAIRS:
        yield shown_plainly(f"  and {len(certain) - MOST_PAIRS} more; --out writes them all", "dim")


def _pair_in_words(one: Contrast) -> str:
    assert one.difference is not None
    by = f"{_signed(one.difference, one.quantity)}"
    what = f"{by} % of the ceiling" if one.quantity is Quantity.FRACTION else f"{one.metric} {by}"
    pair = f"{one.first.subset} - {one.second.subset}"
    return f"{one.first.entry}: {pair}: {what}, p {p_in_words(one.p_holm)} ({one.test})"


def _entries(analysis: SubsetAnalysis, metric: str) -> Iterator[Text]:
    """Yield the entries that were named, compared with each other."""
    family = analysis.family(metric, Quantity.SCORE, Family.ENTRIES)
    if family:
        yield shown_plainly("\nEntries on the same images (paired):")
    for one in family:
        yield shown_plainly(f"  {one.first.subset}: {_entries_in_words(one)}")


def _entries_in_words(one: Contrast) -> str:
    pair = f"{one.first.entry} - {one.second.entry}"
    if one.difference is None or one.p_holm is None:
        return f"{pair}: {one.note or 'n/a'}"
    mark = SIGNIFICANT if one.is_significant else ""
    return f"{pair}: {_signed(one.difference, one.quantity)}, p {p_in_words(one.p_holm)}{mark}"


def _legend(analysis: SubsetAnalysis, metrics: Sequence[str]) -> Iterator[str]:
    """Yield what the columns mean, why cells are empty, and what is not shown."""
    yield (
        f"{SIGNIFICANT} significant after Holm's correction, of which p is shown. "
        f"{LIKE_THE_CEILING} not told apart from the ceiling on the same images (paired)."
    )
    yield from how_tested(analysis)
    yield from _reasons(analysis, metrics)
    cut = cut_in_words(analysis)
    if cut:
        yield f"{cut[:1].upper()}{cut[1:]}."
    others = [metric.name for metric in analysis.metrics if metric.name not in metrics]
    if others:
        yield f"Also analysed: {', '.join(others)}; --metric NAME shows one, --out writes all."


def _reasons(analysis: SubsetAnalysis, metrics: Sequence[str]) -> Iterator[str]:
    """Yield once why contrasts have no p-value, where the answer does not say so already."""
    why = {
        one.note: one.metric
        for one in analysis.contrasts
        if one.family is Family.SUBSETS and one.metric in metrics and one.note
        if one.metric != analysis.asked or one.quantity is Quantity.SCORE
    }
    for note, metric in why.items():
        parts = note.split("; ")
        if len(parts) == 1 or not all(part in why for part in parts):
            yield f"Not tested ({metric}): {note}."
