"""A replication as text: JSON, CSV, and a report to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from gazebench.engine.store import write_text
from gazebench.leaderboard.csv_text import csv_text, rounded
from gazebench.leaderboard.replicate import Match, MatchedNumber, PrintedDifference, Replicated
from gazebench.leaderboard.write import make_folder
from gazebench.spec.board import Board
from gazebench.spec.values import EntryKind

FORMAT, VERSION = "gazebench-replication", 1
NUMBERS = (
    "table", "subset", "entry", "metric", "quantity", "printed", "found", "match", "exact_in",
)  # fmt: skip
PAIRS = (
    "table", "metric", "a", "subset_a", "b", "subset_b", "difference", "low", "high", "p_holm",
    "intervals_apart", "survives",
)  # fmt: skip


def write_replication(found: Replicated, folder: Path) -> None:
    """Write match.csv, differences.csv, replication.json and report.md.

    Raises:
        RunError: the folder cannot be made or written.
    """
    make_folder(folder)
    numbers = [list(_number(one).values()) for one in found.numbers]
    pairs = [list(_pair(one).values()) for one in found.differences]
    write_text(folder / "match.csv", csv_text(NUMBERS, numbers))
    write_text(folder / "differences.csv", csv_text(PAIRS, pairs))
    write_text(folder / "replication.json", replication_json(found))
    write_text(folder / "report.md", "\n".join(report(found)) + "\n")


def replication_json(found: Replicated) -> str:
    """Write every number; what is undefined is null."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "replication": found.name,
        "reference": found.reference,
        "counts": {str(match): found.count(match) for match in Match},
        "numbers": [_number(one) for one in found.numbers],
        "differences": [_pair(one) for one in found.differences],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def report(found: Replicated) -> Iterator[str]:
    """Yield the lines of a report in Markdown."""
    yield f"# {found.title}"
    yield ""
    yield f"{found.reference}. Made by `gazebench replicate {found.name} FOLDER --out FOLDER`."
    yield ""
    yield "## Printed figures"
    yield ""
    yield in_words(found)
    yield ""
    yield "| table | subset | entry | metric | number | printed | found | |"
    yield "|:---|:---|:---|:---|:---|---:|---:|:---|"
    for one in found.numbers:
        figure = one.figure
        yield (
            f"| {one.table} | {figure.subset} | {figure.entry} | {figure.metric} | {one.quantity} "
            f"| {one.printed} | {_shown(one)} | {how(one)} |"
        )
    yield ""
    for table in found.tables:
        if table.note:
            yield f"- {table.title}: {table.note}."
    yield ""
    yield "## Which differences survive"
    yield ""
    yield survival_in_words(found)
    yield ""
    yield widths_in_words(found)
    yield ""
    yield "| table | metric | better | other | difference [95 %] | p (Holm) | printed intervals | |"
    yield "|:---|:---|:---|:---|---:|---:|:---|:---|"
    for pair in found.differences:
        bounds = f"[{pair.interval.low:.3f}, {pair.interval.high:.3f}]" if pair.interval else ""
        a, b = named(pair)
        yield (
            f"| {pair.table} | {pair.metric} | {a} | {b} | {pair.difference:.3f} {bounds}"
            f" | {p_text(pair.p_holm)} | {'apart' if pair.apart else 'overlap'} | {outcome(pair)} |"
        )
    yield ""
    yield "## The same scores with our statistics"
    yield ""
    for title, board in found.ours.items():
        yield from _standing(title, board)


def in_words(found: Replicated) -> str:
    """Say how many printed numbers are reproduced."""
    counts = ", ".join(f"{found.count(match)} {match}" for match in Match)
    return f"{len(found.numbers)} printed numbers: {counts}."


def survival_in_words(found: Replicated) -> str:
    """Say what our test makes of the differences that a reader of the tables would see."""
    apart = [pair for pair in found.differences if pair.apart]
    kept = sum(pair.survives for pair in apart)
    close = [pair for pair in found.differences if not pair.apart]
    told = sum(pair.survives for pair in close)
    return (
        f"Of {len(apart)} pairs whose printed intervals do not overlap, {kept} survive the cluster "
        f"bootstrap with Holm's correction (5 %, over the pairs of a table and metric), "
        f"{len(apart) - kept} are lost. Of {len(close)} pairs whose intervals overlap, {told} are "
        "newly found to differ: the same images are behind both, and the test pairs them."
    )


def widths_in_words(found: Replicated) -> str:
    """Say how wide the published formula makes intervals, beside the cluster bootstrap."""
    ratios = []
    for title, board in found.printed.items():
        for printed, ours in zip(board.subsets, found.ours[title].subsets, strict=True):
            by_entry = {row.entry: row for row in ours.rows}
            for row in printed.rows:
                for metric, cell in row.cells.items():
                    other = by_entry[row.entry].cells[metric].interval
                    if cell.interval and other and other.high > other.low:
                        width = cell.interval.high - cell.interval.low
                        ratios.append(width / (other.high - other.low))
    if not ratios:
        return "No interval can be compared."
    return (
        f"The published intervals are {median(ratios):.2f} times as wide as those of the cluster "
        f"bootstrap (median; {min(ratios):.2f} to {max(ratios):.2f}): their formula takes the "
        "spread of single rows, readers' and seeds' differences included, for that of images."
    )


def how(one: MatchedNumber) -> str:
    """Say how a number matches, and where else it stands."""
    file = one.elsewhere.partition(".")[0]
    return f"{one.match}, exact in {file}" if file else str(one.match)


def named(pair: PrintedDifference) -> tuple[str, str]:
    """Name what is compared: entries, or the subsets of one entry."""
    if pair.a == pair.b:
        return f"{pair.a}, {pair.subset_a}", pair.subset_b
    return pair.a, pair.b


def outcome(pair: PrintedDifference) -> str:
    """Say what became of a difference."""
    if pair.survives:
        return "survives" if pair.apart else "newly found"
    return "lost" if pair.apart else "undecided"


def p_text(p_value: float) -> str:
    """Write a p-value with three decimals, never as zero.

    >>> p_text(0.0004), p_text(0.0456)
    ('<0.001', '0.046')
    """
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _standing(title: str, board: Board) -> Iterator[str]:
    for subset in board.subsets:
        yield f"{title}, {subset.name} ({subset.n_images} images)"
        yield ""
        heads = " | ".join(metric.name for metric in board.metrics)
        yield f"| entry | {heads} |"
        yield "|:---|" + ":---|" * len(board.metrics)
        for row in subset.rows:
            cells = " | ".join(_cell(row.cells[m.name], row.kind) for m in board.metrics)
            yield f"| {row.entry} | {cells} |"
        yield ""


def _cell(cell: Any, kind: EntryKind) -> str:
    if cell.score is None:
        return "n/a"
    parts = [f"{cell.score:.3f}"]
    if cell.interval is not None:
        parts.append(f"[{cell.interval.low:.3f}, {cell.interval.high:.3f}]")
    if cell.fraction is not None and kind is not EntryKind.CEILING:
        parts.append(f"{round(100 * cell.fraction)} %")
    if cell.tie_group is not None:
        parts.append(f"group {cell.tie_group}, ranks {cell.ranks.best}-{cell.ranks.worst}")
    return " ".join(parts)


def _shown(one: MatchedNumber) -> str:
    decimals = len(one.printed.partition(".")[2])
    return "n/a" if one.found is None else f"{one.found:.{decimals}f}"


def _number(one: MatchedNumber) -> dict[str, Any]:
    return {
        "table": one.table,
        "subset": one.figure.subset,
        "entry": one.figure.entry,
        "metric": one.figure.metric,
        "quantity": one.quantity,
        "printed": one.printed,
        "found": rounded(one.found),
        "match": str(one.match),
        "exact_in": one.elsewhere,
    }


def _pair(pair: PrintedDifference) -> dict[str, Any]:
    return {
        "table": pair.table,
        "metric": pair.metric,
        "a": pair.a,
        "subset_a": pair.subset_a,
        "b": pair.b,
        "subset_b": pair.subset_b,
        "difference": rounded(pair.difference),
        "low": rounded(pair.interval.low) if pair.interval else None,
        "high": rounded(pair.interval.high) if pair.interval else None,
        "p_holm": None if pair.p_holm != pair.p_holm else rounded(pair.p_holm),
        "intervals_apart": pair.apart,
        "survives": pair.survives,
    }
