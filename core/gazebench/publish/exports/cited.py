"""One entry of a record, and everything that whoever quotes its numbers should cite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gazebench.errors import PluginError, UsageError
from gazebench.publish.exports.works import (
    PROTOCOL,
    Author,
    Work,
    declared_work,
    declared_works,
    software,
)
from gazebench.publish.record import EntryFacts, Publication, Record
from gazebench.registry.host import Host
from gazebench.spec.board import BoardRow
from gazebench.spec.suggest import suggest
from gazebench.spec.values import EntryKind

ROLES = {
    "dataset": "the dataset",
    "reference": "what maps are compared with",
    "model": "the model",
    "method": "the method",
}

Declared = Callable[[str, str], str]  # kind and label of a plugin -> the reference it declares


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedEntry:
    """An entry, with what to cite for it.

    Attributes:
        works: the result itself first, then the benchmark, the protocol and what plugins declare.
        sha256: of the record's content; "" where it is not from a file.
        url: where the record or the board can be seen; "" where nobody said.
    """

    record: Record
    entry: str
    works: tuple[Work, ...]
    sha256: str = ""
    url: str = ""

    @property
    def facts(self) -> EntryFacts:
        """Where the entry's maps came from."""
        return self.record.entries.get(self.entry, EntryFacts())


def cited_entry(
    record: Record, entry: str, declared: Declared, *, sha256: str = "", url: str = ""
) -> CitedEntry:
    """Collect what to cite for an entry of a record.

    Raises:
        UsageError: the record has no such entry, or it is a floor or the ceiling.
    """
    _entry_row(record, entry)
    works: dict[str, Work] = {}
    for work in _works(record, entry, declared, sha256=sha256, url=url):
        works.setdefault(work.text, work)
    return CitedEntry(
        record=record, entry=entry, works=tuple(works.values()), sha256=sha256, url=url
    )


def declared_by(host: Host) -> Declared:
    """Return what finds a plugin's reference; it finds "" for a plugin that is not here."""

    def find(kind: str, label: str) -> str:
        try:
            return host.load(
                host.resolve(kind, label.partition(":")[0]).listed
            ).descriptor.reference
        except PluginError:
            return ""

    return find


def _works(
    record: Record, entry: str, declared: Declared, *, sha256: str, url: str
) -> Iterator[Work]:
    if record.publication is None:
        yield _result(record, entry, sha256, url)
    else:
        yield _published(record.publication)
    yield software(record.run.versions.get("gazebench", "") if record.run else "")
    yield PROTOCOL
    labels = [("dataset", record.protocol.dataset), ("reference", record.protocol.reference)]
    facts = record.entries.get(entry, EntryFacts())
    made_by = sorted((p.kind, p.label) for p in facts.plugins if p.kind in ("model", "method"))
    for kind, label in [*labels, *made_by]:
        yield from declared_works(declared(kind, label), ROLES[kind])


def _result(record: Record, entry: str, sha256: str, url: str) -> Work:
    where = f"record {record.name}" + (f", SHA-256 {sha256}" if sha256 else "")
    return Work(
        role="the result",
        text=f"{entry} on {record.board.dataset}: GazeBench {where}",
        authors=(Author(f"The contributors of the GazeBench record {record.name}", is_group=True),),
        title=f"{entry} on {record.board.dataset}: GazeBench {where}",
        name=f"gazebench{record.name}",
        url=url,
    )


def _published(publication: Publication) -> Work:
    known = declared_work(publication.citation, "the result")
    if known is None:
        text = publication.citation
        known = Work(role="the result", text=text, authors=(), title=text)
    return replace(known, url=publication.url or known.url, doi=publication.doi or known.doi)


def _entry_row(record: Record, entry: str) -> BoardRow:
    rows = {row.entry: row for subset in record.board.subsets for row in subset.rows}
    entries = [name for name, row in rows.items() if row.kind is EntryKind.ENTRY]
    if entry in entries:
        return rows[entry]
    if entry in rows:
        raise UsageError(
            f"{entry} is a {rows[entry].kind} of the record {record.name}: nobody cites it",
            do=f"choose one of {', '.join(entries)}",
        )
    raise UsageError(
        f"the record {record.name} has no entry {entry!r}",
        do=suggest(entry, entries) or f"it has {', '.join(entries)}",
    )
