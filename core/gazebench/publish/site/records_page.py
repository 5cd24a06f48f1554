"""Who submitted what, how far it can be trusted, and who stands apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gazebench.publish.comparability import unstated
from gazebench.publish.record import Badge, Record
from gazebench.publish.standings import Standings
from gazebench.spec.values import EntryKind

WEB = ("https://", "http://")

MEANING = {
    Badge.CLAIMED: "somebody states these numbers; nothing here can check them",
    Badge.RECOMPUTED: "every number follows from published scores of single images, known by "
    "salted names only",
    Badge.RERUN: "somebody with the data made the whole run again and got the same numbers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A record on the board.

    Attributes:
        entries: how many rows of the board are ranked and from it.
        unstated: facts that it leaves open, and that are therefore not compared.
        url: of its publication, if it can be followed.
    """

    record: Record
    badge: Badge | None
    entries: int
    unstated: tuple[str, ...]
    url: str


def record_views(standings: Standings) -> Iterator[RecordView]:
    """Yield the records of a board, by name."""
    kinds = {row.entry: row.kind for s in standings.board.subsets for row in s.rows}
    ranked = [row for name, row in standings.rows.items() if kinds.get(name) is EntryKind.ENTRY]
    counts = Counter(row.record for row in ranked)
    badges = {row.record: row.badge for row in [*standings.rows.values(), *ranked]}
    for name, record in standings.records.items():
        url = record.publication.url if record.publication else ""
        yield RecordView(
            record=record,
            badge=badges.get(name),
            entries=counts[name],
            unstated=unstated(record),
            url=url if url.startswith(WEB) else "",
        )
