"""What changes on leaderboards, in sentences that a maintainer reads before agreeing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isclose

from gazebench.publish.standings import Standings
from gazebench.spec.board import BoardRow, Cell
from gazebench.spec.values import EntryKind

ROUNDING = 1e-6  # of a number that a record states, and a little


def changes(before: Sequence[Standings], after: Sequence[Standings]) -> Iterator[str]:
    """Yield one sentence per change, board by board; nothing where all is the same."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{name}: the board goes, with {_counted(old[name])}"
        elif name not in old:
            yield f"{name}: a new board of {_counted(new[name])}"
            yield from _on_board(None, new[name])
        else:
            yield from _on_board(old[name], new[name])


def _on_board(before: Standings | None, after: Standings) -> Iterator[str]:
    yield from (f"{after.name}: {said}" for said in _records(before, after))
    yield from (f"{after.name}: {said}" for said in _rows(before, after))


def _records(before: Standings | None, after: Standings) -> Iterator[str]:
    known = set() if before is None else set(before.records) | {a.record for a in before.apart}
    apart_before = {} if before is None else {one.record: one.why for one in before.apart}
    for one in after.apart:
        if apart_before.get(one.record) != one.why:
            yield f"the record {one.record} stands apart: {'; '.join(one.why)}"
    now = set(after.records) | {one.record for one in after.apart}
    yield from (f"the record {name} is new" for name in sorted(now - known))
    yield from (f"the record {name} goes" for name in sorted(known - now))


def _rows(before: Standings | None, after: Standings) -> Iterator[str]:
    """Say what changes among all images on the metric that ranks, and where numbers move."""
    old = {} if before is None else _whole(before)
    new, metric = _whole(after), after.board.rank_by
    for key, row in new.items():
        badge = after.rows[row.entry].badge
        if before is None or key not in old:
            yield f"{row.entry} enters {_placed(row, metric)} with {_score(row, metric)}, {badge}"
            continue
        was = old[key]
        if was.entry != row.entry:
            yield f"{was.entry} is called {row.entry} now"
        yield from _moved(was, row, before.board.rank_by, metric)
        if before.rows[was.entry].badge is not badge:
            yield f"{row.entry} was {before.rows[was.entry].badge} and is {badge}"
        moved = _moved_numbers(was.cells, row.cells)
        if moved:
            yield f"{row.entry} has other numbers on {', '.join(moved)}"
    yield from (f"{row.entry} goes" for key, row in old.items() if key not in new)


def _moved(old: BoardRow, new: BoardRow, old_by: str, new_by: str) -> Iterator[str]:
    was, now = _placed(old, old_by), _placed(new, new_by)
    if was != now:
        yield f"{new.entry} was {was} and is {now}"


def _moved_numbers(old: Mapping[str, Cell], new: Mapping[str, Cell]) -> list[str]:
    """Name the metrics on which an entry's own numbers, not its places, are others.

    A number that a record states and the same number recomputed differ by the rounding of the
    record, which is no news.
    """

    def is_same(one: Cell | None, other: Cell) -> bool:
        return one is not None and all(map(_is_same, _numbers(one), _numbers(other)))

    return [metric for metric, cell in new.items() if not is_same(old.get(metric), cell)]


def _numbers(cell: Cell) -> tuple[float | None, ...]:
    low, high = (cell.interval.low, cell.interval.high) if cell.interval else (None, None)
    return cell.score, low, high, cell.coverage, cell.n_images, cell.n_rows


def _is_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING**2)


def _placed(row: BoardRow, metric: str) -> str:
    cell = row.cells.get(metric)
    if row.kind is not EntryKind.ENTRY:
        return f"as a {row.kind}"
    if cell is None or cell.rank is None:
        return "unranked"
    if cell.ranks is None or cell.ranks.best == cell.ranks.worst:
        return f"at rank {cell.rank}"
    return f"at rank {cell.rank} ({cell.ranks.best} to {cell.ranks.worst})"


def _score(row: BoardRow, metric: str) -> str:
    cell = row.cells.get(metric)
    if cell is None or cell.score is None:
        return f"no {metric}"
    bounds = cell.interval and f" [{cell.interval.low:.3f}, {cell.interval.high:.3f}]"
    return f"{metric} {cell.score:.3f}{bounds or ''}"


def _whole(standings: Standings) -> dict[tuple[str, str], BoardRow]:
    """Return the rows of all images by record and entry; ceiling and floors are everybody's."""
    found = {}
    for row in standings.board.subsets[0].rows:
        standing = standings.rows[row.entry]
        is_entry = row.kind is EntryKind.ENTRY
        found[standing.record if is_entry else "", standing.entry] = row
    return found


def _counted(standings: Standings) -> str:
    number = len(standings.records)
    return f"{number} {'record' if number == 1 else 'records'}"
