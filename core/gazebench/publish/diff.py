"""What changes on leaderboards, in sentences that a maintainer reads before agreeing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gazebench.publish.standings import Standings
from gazebench.spec.board import BoardRow, Cell
from gazebench.spec.values import EntryKind


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
    for name, row in new.items():
        if name not in old:
            yield f"{name} enters {_placed(row, metric)}, {after.rows[name].badge}"
        else:
            assert before is not None
            yield from _moved(name, old[name], row, before.board.rank_by, metric)
            was, now = before.rows[name].badge, after.rows[name].badge
            if was is not now:
                yield f"{name} was {was} and is {now}"
            moved = _moved_numbers(old[name].cells, row.cells)
            if moved:
                yield f"{name} has other numbers on {', '.join(moved)}"
    yield from (f"{name} goes" for name in old if name not in new)


def _moved(name: str, old: BoardRow, new: BoardRow, old_by: str, new_by: str) -> Iterator[str]:
    was, now = _placed(old, old_by), _placed(new, new_by)
    if was != now:
        yield f"{name} was {was} and is {now}"


def _moved_numbers(old: Mapping[str, Cell], new: Mapping[str, Cell]) -> list[str]:
    """Name the metrics on which an entry's own numbers, not its places, are others."""

    def own(cell: Cell | None) -> object:
        return cell and (cell.score, cell.interval, cell.coverage, cell.n_images, cell.n_rows)

    return [metric for metric, cell in new.items() if own(old.get(metric)) != own(cell)]


def _placed(row: BoardRow, metric: str) -> str:
    cell = row.cells.get(metric)
    if cell is None or cell.score is None:
        return f"without a score on {metric}"
    score = f"{metric} {cell.score:.3f}"
    if cell.interval is not None:
        score += f" [{cell.interval.low:.3f}, {cell.interval.high:.3f}]"
    if row.kind is not EntryKind.ENTRY:
        return f"as a {row.kind} with {score}"
    if cell.rank is None:
        return f"unranked with {score}"
    if cell.ranks is None or cell.ranks.best == cell.ranks.worst:
        return f"at rank {cell.rank} with {score}"
    return f"at rank {cell.rank} ({cell.ranks.best} to {cell.ranks.worst}) with {score}"


def _whole(standings: Standings) -> dict[str, BoardRow]:
    return {row.entry: row for row in standings.board.subsets[0].rows}


def _counted(standings: Standings) -> str:
    number = len(standings.records)
    return f"{number} {'record' if number == 1 else 'records'}"
