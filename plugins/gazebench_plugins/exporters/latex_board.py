"""The leaderboard as LaTeX tables, to be pasted into a paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from gazebench.spec import (
    Board,
    BoardRow,
    Cell,
    EntryKind,
    Interval,
    MetricColumn,
    SubsetBoard,
    Verdict,
    exporter,
)
from gazebench.spec.in_words import Place, notes_of, places, source_in_words
from gazebench_plugins.exporters.latex_text import latex

ABREAST = 4  # metrics that fit beside each other
ON_A_PAGE = 24  # rows; longer tables may break across pages
UNSAFE = re.compile(r"[^a-z0-9]+")
GAP = r"@{\hspace{9pt}}"  # between metrics
SPACE = r"\addlinespace"
SETTINGS = r"\footnotesize\setlength{\tabcolsep}{3pt}\setlength{\belowcaptionskip}{4pt}"
NEEDS = (
    "% \\usepackage{booktabs}",
    "% \\usepackage{longtable} where a table is longer than a page",
    "% \\usepackage[T1]{fontenc}",
)


@exporter(suffix="tex", title="LaTeX, for papers")
def latex_board(board: Board) -> str:
    """Write one booktabs table per subset and four metrics: ceiling, entries by group, floors."""
    lines = ["% The leaderboard as tables; the preamble needs", *NEEDS, ""]
    for number, subset in enumerate(board.subsets, start=1):
        if not subset.rows:
            lines += [f"% {latex(subset.name)}: {latex(subset.note or 'no images')}", ""]
            continue
        parts = list(_abreast(board))
        for part, metrics in enumerate(parts, start=1):
            which = f", part {part} of {len(parts)}" if len(parts) > 1 else ""
            label = f"tab:{_slug(board.dataset)}-{number}" + (f"-{part}" if part > 1 else "")
            is_first = number == part == 1
            caption = _caption(board, subset, metrics, which, is_first=is_first)
            lines += [*_table(board, subset, metrics, caption, label), ""]
    return "\n".join(lines)


def _abreast(board: Board) -> Iterator[Sequence[MetricColumn]]:
    """Give the metrics in groups that fit beside each other, the ranking one first."""
    ordered = sorted(board.metrics, key=lambda metric: metric.name != board.rank_by)
    for start in range(0, len(ordered), ABREAST):
        yield ordered[start : start + ABREAST]


def _caption(
    board: Board,
    subset: SubsetBoard,
    metrics: Sequence[MetricColumn],
    which: str,
    *,
    is_first: bool,
) -> str:
    head = f"{latex(board.dataset)}, {latex(subset.name)} ($n = {subset.n_images}$ images){which}: "
    head += "score, percentage of the inter-observer ceiling, and the score's interval below. "
    if not is_first:
        first = f"Table~\\ref{{tab:{_slug(board.dataset)}-1}}"
        return f"{head}Intervals, tests and marks as in {first}."
    return head + " ".join(_explained(board, metrics))


def _explained(board: Board, metrics: Sequence[MetricColumn]) -> Iterator[str]:
    """Yield what a reader of the table alone has to know."""
    yield from (f"{_sentence(notice)}" for notice in board.notices)
    if board.interval:
        yield f"Intervals: {latex(board.interval)}."
    tested = f" ({latex(board.differences)})" if board.differences else ""
    yield f"Ranked by {latex(board.rank_by)}; entries of one group do not differ{tested}."
    yield "Rank: the places that the images leave open. Bold: no entry is significantly better."
    yield rf"$\dagger$: like one more reader, within {round(100 * board.margin)}\,\%."
    if board.reference:
        yield f"Reference: {latex(board.reference)}."
    if board.centre_bias:
        yield f"Centre bias: {latex(board.centre_bias)}."
    if any(metric.chance is None for metric in metrics):
        yield "Chance is the score of the floor uniform where no number is given."


def _table(
    board: Board,
    subset: SubsetBoard,
    metrics: Sequence[MetricColumn],
    caption: str,
    label: str,
) -> Iterator[str]:
    is_long = len(subset.rows) > ON_A_PAGE
    columns = "@{}lll" + f"{GAP}r@{{ }}r" * len(metrics) + "@{}"
    titled = rf"\caption{{{caption}}}\label{{{label}}}"
    if is_long:
        yield r"\begingroup" + SETTINGS
        yield rf"\begin{{longtable}}{{{columns}}}"
        yield titled + r" \\"
    else:
        yield r"\begin{table}\centering" + SETTINGS
        yield titled
        yield rf"\begin{{tabular}}{{{columns}}}"
    yield r"\toprule"
    yield from _heading(metrics)
    yield r"\midrule"
    if is_long:
        yield r"\endhead"
        yield r"\bottomrule"
        yield r"\endlastfoot"
    yield from _body(board, subset, metrics)
    if not is_long:
        yield r"\bottomrule"
    yield rf"\end{{{'longtable' if is_long else 'tabular'}}}"
    yield from _notes(subset, metrics)
    yield r"\endgroup" if is_long else r"\end{table}"


def _heading(metrics: Sequence[MetricColumn]) -> Iterator[str]:
    """Yield the metrics with their directions, and below them chance."""
    names = _over_two([f"{latex(m.name)} ${_arrow(m)}$" for m in metrics])
    yield " & ".join(["Group", "Rank", "Entry", *names]) + r" \\"
    chances = _over_two([rf"\scriptsize {_chance(m)}" for m in metrics])
    yield " & ".join(["", "", "", *chances]) + r" \\"


def _over_two(texts: Sequence[str]) -> list[str]:
    """Let each text span a score and its fraction; the gap after them belongs to the second."""
    gaps = [GAP] * (len(texts) - 1) + ["@{}"]
    return [rf"\multicolumn{{2}}{{r{gap}}}{{{t}}}" for t, gap in zip(texts, gaps, strict=True)]


def _arrow(metric: MetricColumn) -> str:
    return r"\uparrow" if metric.higher_is_better else r"\downarrow"


def _chance(metric: MetricColumn) -> str:
    return "chance: uniform" if metric.chance is None else f"chance ${metric.chance:g}$"


def _body(board: Board, subset: SubsetBoard, metrics: Sequence[MetricColumn]) -> Iterator[str]:
    """Yield the ceiling, the entries with a space between groups, and the floors, set apart."""
    placed = places(subset, board.rank_by)
    blocks = []
    for kind in (EntryKind.CEILING, EntryKind.ENTRY, EntryKind.FLOOR):
        rows = [row for row in subset.rows if row.kind is kind]
        groups = groupby(rows, key=lambda row: row.cells[board.rank_by].tie_group)
        lines = [
            [line for row in group for line in _row(row, placed[row.entry], metrics)]
            for _, group in groups
        ]
        blocks.append(_joined(lines, SPACE))
    yield from _joined([block for block in blocks if block], r"\midrule")


def _joined(blocks: Sequence[Sequence[str]], rule: str) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        lines += [rule, *block] if lines else block
    return lines


def _row(row: BoardRow, place: Place, metrics: Sequence[MetricColumn]) -> Iterator[str]:
    group = place.group if row.kind is EntryKind.ENTRY else str(row.kind)
    cells = [row.cells[metric.name] for metric in metrics]
    scores = [part for cell in cells for part in (_score(cell), _fraction(cell))]
    ranks = place.ranks.replace("-", "--")
    yield " & ".join([group, ranks, latex(row.entry), *scores]) + r" \\*[-2pt]"
    source = latex(source_in_words(row))
    intervals = _over_two([_interval(cell.interval) for cell in cells])
    small = rf"\scriptsize {source}" if source else ""
    yield " & ".join(["", "", small, *intervals]) + r" \\"


def _score(cell: Cell) -> str:
    if cell.score is None:
        return "n/a"
    is_best = cell.ranks is not None and cell.ranks.best == 1
    return rf"\textbf{{{_number(cell.score)}}}" if is_best else _number(cell.score)


def _fraction(cell: Cell) -> str:
    if cell.fraction is None:
        return ""
    mark = r"$^\dagger$" if cell.like_a_reader is Verdict.YES else ""
    return rf"{_signed(f'{round(100 * cell.fraction)}')}\,\%{mark}"


def _interval(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return rf"\scriptsize [{_number(interval.low)}, {_number(interval.high)}]"


def _number(value: float) -> str:
    return _signed(f"{value:.3f}".replace("-0.000", "0.000"))


def _signed(text: str) -> str:
    """Write a minus sign, not a hyphen; it is bold where the number is."""
    return text.replace("-", "$-$")


def _notes(subset: SubsetBoard, metrics: Sequence[MetricColumn]) -> Iterator[str]:
    notes = list(notes_of(subset))
    if notes and metrics:
        said = " ".join(map(_sentence, notes))
        yield rf"\par\smallskip\begin{{minipage}}{{\linewidth}}\scriptsize {said}\end{{minipage}}"


def _sentence(text: str) -> str:
    """Escape a text and end it as a sentence; its first letter stays, as it may be a name's."""
    escaped = latex(text)
    return escaped if escaped.endswith((".", "!", "?")) else f"{escaped}."


def _slug(text: str) -> str:
    return UNSAFE.sub("-", text.lower()).strip("-") or "board"
