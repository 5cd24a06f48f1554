"""The leaderboard as Markdown, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gazebench.spec import Board, BoardRow, Cell, EntryKind, MetricColumn, SubsetBoard, exporter
from gazebench.spec.in_words import (
    Place,
    chance_in_words,
    legend,
    notes_of,
    places,
    share_in_words,
    source_in_words,
)
from gazebench.spec.markdown_text import markdown_text


@exporter(suffix="md", title="Markdown, for people")
def markdown_board(board: Board) -> str:
    """Write one table per subset, the ceiling in bold, the floors in italics."""
    lines = [f"# {markdown_text(board.dataset)}", ""]
    lines += [f"> {markdown_text(notice)}  " for notice in board.notices]
    lines += [""] if board.notices else []
    for subset in board.subsets:
        lines += [*_table(board, subset), ""]
    lines += [*_legend(board), ""]
    if board.not_applicable:
        lines += ["## Not applicable", ""]
        lines += [
            f"- {markdown_text(e)}: {markdown_text(why)}"
            for e, why in sorted(board.not_applicable.items())
        ]
        lines += [""]
    return "\n".join(lines)


def _legend(board: Board) -> Iterator[str]:
    yield "Score [95 % interval] and fraction of the ceiling; bold: none is significantly better."
    yield ""
    yield from (f"- {markdown_text(sentence)}" for sentence in legend(board))
    if board.reference:
        yield f"- Reference: {markdown_text(board.reference)}."
    if board.centre_bias:
        yield f"- Centre bias: {markdown_text(board.centre_bias)}."


def _table(board: Board, subset: SubsetBoard) -> Iterator[str]:
    images = "1 image" if subset.n_images == 1 else f"{subset.n_images} images"
    yield f"## {markdown_text(subset.name)} ({images})"
    yield ""
    if subset.rows:
        ranking, *others = sorted(board.metrics, key=lambda metric: metric.name != board.rank_by)
        columns = [_heading(ranking), "best", "like a reader", *map(_heading, others)]
        yield f"| group | rank | entry | {' | '.join(columns)} |"
        yield "|---:|---:|:---|---:|---:|:---|" + "---:|" * len(others)
        placed = places(subset, ranking.name)
        for row in subset.rows:
            yield f"| {' | '.join(_line(row, placed[row.entry], ranking, others))} |"
        yield ""
    for note in notes_of(subset):
        yield f"- {markdown_text(note)}"


def _heading(metric: MetricColumn) -> str:
    direction = "" if metric.higher_is_better else ", lower is better"
    return f"{markdown_text(metric.name)} ({chance_in_words(metric)}{direction})"


def _line(
    row: BoardRow, place: Place, ranking: MetricColumn, others: Sequence[MetricColumn]
) -> Iterator[str]:
    is_entry, placing = row.kind is EntryKind.ENTRY, row.cells[ranking.name]
    yield place.group if is_entry else str(row.kind)
    yield place.ranks
    yield _entry(row)
    yield _cell(placing)
    yield share_in_words(placing.probability_best) if is_entry else ""
    yield str(placing.like_a_reader or "")
    yield from (_cell(row.cells[metric.name]) for metric in others)


def _entry(row: BoardRow) -> str:
    mark = {EntryKind.CEILING: "**", EntryKind.FLOOR: "*", EntryKind.ENTRY: ""}[row.kind]
    source = source_in_words(row)
    return f"{mark}{markdown_text(row.entry)}{mark}" + (
        f" ({markdown_text(source)})" if source else ""
    )


def _cell(cell: Cell) -> str:
    if cell.score is None:
        return "n/a"
    mark = "**" if cell.ranks and cell.ranks.best == 1 else ""
    parts = [f"{mark}{_rounded(cell.score)}{mark}"]
    if cell.interval is not None:
        parts.append(f"[{_rounded(cell.interval.low)}, {_rounded(cell.interval.high)}]")
    if cell.fraction is not None:
        parts.append(f"{round(100 * cell.fraction)} %")
    return " ".join(parts)


def _rounded(value: float) -> str:
    return f"{value:.3f}".replace("-0.000", "0.000")
