"""What of a board rests on too few images, and the board without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gazebench.errors import RecordError
from gazebench.leaderboard.pool import ALL
from gazebench.publish.disclosure import small_subsets, unsafe_subsets
from gazebench.publish.record import FEWEST_IMAGES, EntryFacts
from gazebench.spec.board import Board, BoardRow, Cell, SubsetBoard
from gazebench.spec.values import EntryKind, Status

TOO_FEW = f"left out: fewer than {FEWEST_IMAGES} images, or what tells them from others"
Subsets = Mapping[str, frozenset[str]]
Evidence = Mapping[tuple[str, str], frozenset[str]]


def suppressed_subsets(
    subsets: Subsets, images: frozenset[str], *, is_restricted: bool
) -> tuple[str, ...]:
    """Return the subsets that a record must leave out, and name.

    Where the dataset is restricted these are also subsets that tell few images from others by
    subtraction (see `gazebench.publish.disclosure`); every score of an open dataset may be known.

    Raises:
        RecordError: all images together are too few.
    """
    if len(images) < FEWEST_IMAGES:
        raise RecordError(
            f"the run scored {len(images)} images; a record is of at least {FEWEST_IMAGES}",
            do="score more cases",
        )
    return unsafe_subsets(subsets, images) if is_restricted else small_subsets(subsets, images)


def hide_small_cells(board: Board, scores: Any, subsets: Subsets, *, is_restricted: bool) -> Board:
    """Blank the cells whose rows with a value are of too few images, and fractions that tell more.

    A metric may apply to few images only, and an entry may have failed on most: then a mean says
    more of some images than that of their subset does. A fraction of the ceiling is of the readings
    for which the ceiling has a value: with the score it tells of the others, and where the ceiling
    itself is blank it would give it away. `scores` is a table of score rows with the
    entries, metrics and cases that the board is made of; `subsets` those on the board, "all" may
    be left out.
    """
    known = {name: members for name, members in subsets.items() if name != ALL}
    ceiling = _ceiling(board)
    own, unmatched = _evidence(scores, ceiling)
    cache: dict[frozenset[str], frozenset[str]] = {}

    def hidden(images: frozenset[str]) -> frozenset[str]:
        if images not in cache:
            cache[images] = frozenset(_hidden(images, known, is_restricted=is_restricted))
        return cache[images]

    def hide(cell: Cell, entry: str, metric: str, subset: str) -> Cell:
        images = own.get((entry, metric), frozenset())
        if subset in hidden(images):
            return _blank(cell)
        both = images & own.get((ceiling, metric), frozenset())
        others = unmatched.get((entry, metric), frozenset())
        tells_more = subset in hidden(both) | hidden(others)
        return _without_fraction(cell) if tells_more else cell

    return replace(
        board,
        subsets=tuple(
            replace(one, rows=tuple(_row(row, one, board.rank_by, hide) for row in one.rows))
            for one in board.subsets
        ),
    )


def hide_small_checks(entries: Mapping[str, EntryFacts], board: Board) -> dict[str, EntryFacts]:
    """Leave out the gaming checks of entries of which the board hides a score over all images.

    They are means of a score too: with that of the centre bias they would tell the hidden one.
    """
    whole = next(subset for subset in board.subsets if subset.name == ALL)
    hidden = {
        row.entry for row in whole.rows if any(cell.note == TOO_FEW for cell in row.cells.values())
    }
    return {
        entry: replace(facts, checks=None) if entry in hidden else facts
        for entry, facts in entries.items()
    }


def _row(row: BoardRow, subset: SubsetBoard, rank_by: str, hide: Any) -> BoardRow:
    cells = {m: hide(cell, row.entry, m, subset.name) for m, cell in row.cells.items()}
    is_blank = rank_by in cells and cells[rank_by].score is None
    return replace(row, cells=cells, rank=None if is_blank else row.rank)


def _hidden(images: frozenset[str], subsets: Subsets, *, is_restricted: bool) -> Iterator[str]:
    if 0 < len(images) < FEWEST_IMAGES:
        yield ALL
        yield from subsets
    elif images:
        find = unsafe_subsets if is_restricted else small_subsets
        yield from find(subsets, images)


def _evidence(scores: Any, ceiling: str) -> tuple[Evidence, Evidence]:
    """Return, by entry and metric, the images with a value, and those the ceiling has not whole.

    The second are images of which a reading has a value, and none of the ceiling's.
    """
    import pyarrow.compute as pc

    own = scores.filter(pc.equal(scores.column("status"), Status.OK.value))
    parts = [own.column(name).cast("string") for name in ("metric", "case", "reading")]
    unit = pc.binary_join_element_wise(*parts, "\n")
    has_ceiling = pc.is_in(unit, value_set=unit.filter(pc.equal(own.column("entry"), ceiling)))
    return _images(own), _images(own.filter(pc.invert(has_ceiling)))


def _images(rows: Any) -> Evidence:
    found = rows.group_by(["entry", "metric"]).aggregate([("case", "distinct")])
    return {
        (row["entry"], row["metric"]): frozenset(row["case_distinct"]) for row in found.to_pylist()
    }


def _ceiling(board: Board) -> str:
    rows = (row for subset in board.subsets for row in subset.rows)
    return next((row.entry for row in rows if row.kind is EntryKind.CEILING), "")


def _blank(cell: Cell) -> Cell:
    return Cell(
        score=None,
        coverage=cell.coverage,
        n_images=cell.n_images,
        n_rows=cell.n_rows,
        note=TOO_FEW,
        fraction_note=TOO_FEW,
    )


def _without_fraction(cell: Cell) -> Cell:
    return replace(
        cell, fraction=None, fraction_interval=None, like_a_reader=None, fraction_note=TOO_FEW
    )
