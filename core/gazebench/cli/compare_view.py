"""A comparison of two entries in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gazebench.cli.board_view import BOUNDS, SCORE, rounded, ruled, shown_plainly, wide_console
from gazebench.leaderboard.compare import EntryComparison, MetricComparison

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

STYLES = {"A is better": "bold green", "B is better": "bold magenta", "not separated": ""}
NARROW = 100  # columns that have to do
LONGEST = 13  # columns of a metric's name that are kept for it
MANY = 99_999  # images; nobody asks how many beyond that


def print_comparison(comparison: EntryComparison, console: Console | None = None) -> None:
    """Print a table per subset, and what the columns mean."""
    console = console or wide_console(NARROW, NARROW)
    for part in comparison_lines(comparison):
        console.print(part)


def comparison_lines(comparison: EntryComparison) -> Iterator[RenderableType]:
    """Yield what to print; it fits 100 columns."""
    yield shown_plainly(f"{comparison.dataset}: A = {comparison.a}", "bold")
    yield shown_plainly(f"{' ' * len(comparison.dataset)}  B = {comparison.b}", "bold")
    for subset, images in comparison.subsets.items():
        yield shown_plainly(f"\n{subset} ({images} image{'s' if images != 1 else ''})", "bold")
        rows = [row for row in comparison.rows if row.subset == subset]
        if any(row.difference is not None for row in rows):
            yield _table(comparison, rows)
        for note, metrics in _notes(rows).items():
            yield shown_plainly(f"  {', '.join(metrics)}: {note}", "dim")
    yield shown_plainly("")
    for sentence in _legend(comparison):
        yield shown_plainly(sentence, "dim")
    for notice in comparison.notices:
        yield shown_plainly(f"Note: {notice}", "bold")


def _table(comparison: EntryComparison, rows: list[MetricComparison]) -> Table:
    from rich.table import Table

    table = Table(box=ruled(), padding=0, pad_edge=False, show_edge=False)
    # Widths do not depend on the subset, so that columns stand below each other.
    longest = max(len(_metric(row)) for row in comparison.rows)
    table.add_column("metric", overflow="fold", min_width=min(longest, LONGEST))
    for heading in ("A", "B"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=SCORE + 1)
    level = f"{100 * (1 - comparison.alpha):g} %"
    table.add_column(f" A - B [{level}]", no_wrap=True, min_width=SCORE + 1 + BOUNDS)
    for heading in ("p", "Holm", "A wins"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=SCORE + 1)
    table.add_column(" verdict", no_wrap=True, min_width=len(" not separated"))
    table.add_column("more", justify="right", no_wrap=True, min_width=SCORE)
    for row in rows:
        if row.difference is not None:
            table.add_row(*_cells(comparison, row))
    return table


def _cells(comparison: EntryComparison, row: MetricComparison) -> Iterator[RenderableType]:
    assert row.score_a is not None
    assert row.score_b is not None
    assert row.difference is not None
    verdict = comparison.verdict(row)
    bounds = row.interval and f" [{rounded(row.interval.low)}, {rounded(row.interval.high)}]"
    yield shown_plainly(_metric(row))
    yield rounded(row.score_a)
    yield rounded(row.score_b)
    yield f"{rounded(row.difference):>{SCORE}}{bounds or ''}"
    yield _p(row.p_value)
    yield _p(row.p_holm)
    yield "-" if row.wins is None else f"{round(100 * row.wins.rate)} %"
    yield shown_plainly(f" {verdict}", STYLES.get(verdict, "dim"))
    yield _forecast(row)


def _metric(row: MetricComparison) -> str:
    return row.metric.name + ("" if row.metric.higher_is_better else " (lower)")


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _forecast(row: MetricComparison) -> str:
    if row.better is not None:
        return ""
    if row.more_images is None:
        return "-"
    return f"{row.more_images:,}" if row.more_images <= MANY else "many"


def _notes(rows: list[MetricComparison]) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            notes.setdefault(row.note, []).append(row.metric.name)
    return notes


def _legend(comparison: EntryComparison) -> Iterator[str]:
    tests = sum(row.p_value is not None for row in comparison.rows)
    number = f"all {tests} comparisons shown" if tests > 1 else "the one comparison"
    yield (
        f"Paired bootstrap over {comparison.unit}, {comparison.resamples:,} resamples, Student's "
        f"t; Holm: p corrected for {number}. A verdict takes Holm's p at or below "
        f"{comparison.alpha:g}."
    )
    yield (
        "The interval holds the middle of the resampled differences; p, more careful where images "
        "are few, takes Student's t with their spread. So an interval may just leave out 0 while p "
        "does not."
    )
    yield "A wins: share of the images on which A is better. (lower): lower is better."
    yield (
        f"more: about so many more {comparison.unit} would separate the two in 8 of 10 studies, if "
        f"the difference stays as it is (many: over {MANY:,})."
    )
