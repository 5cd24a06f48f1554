"""An entry of a record or of a board, by name."""

from __future__ import annotations

from pathlib import Path

from gazebench.errors import RecordError, UsageError
from gazebench.publish.exports.cited import CitedEntry, Declared, cited_entry
from gazebench.publish.record_file import StoredRecord, read_record
from gazebench.publish.verification.folder import find
from gazebench.spec.suggest import suggest
from gazebench.spec.values import EntryKind


def find_entry(path: Path, entry: str, declared: Declared, *, url: str = "") -> CitedEntry:
    """Find an entry in a record's file, or in the records of a board.

    Raises:
        RecordError: a record is malformed.
        UsageError: no record has the entry, or several have.
    """
    records = [read_record(file) for board in find(path).boards for file in board.records]
    if not records:
        raise RecordError(f"{path} has no records", do="publish one with `gazebench publish`")
    if len(records) == 1:
        found = records[0]
    else:
        found = _only(records, entry, path)
    return cited_entry(found.record, entry, declared, sha256=found.sha256, url=url)


def _only(records: list[StoredRecord], entry: str, path: Path) -> StoredRecord:
    having = [one for one in records if entry in _entries(one)]
    if len(having) == 1:
        return having[0]
    if having:
        raise UsageError(
            f"{len(having)} records of {path} have an entry {entry}: "
            f"{', '.join(one.record.name for one in having)}",
            do=f"name the file of one, such as {having[0].path}",
        )
    known = sorted({name for one in records for name in _entries(one)})
    raise UsageError(
        f"no record of {path} has an entry {entry!r}",
        do=suggest(entry, known) or f"they have {', '.join(known)}",
    )


def _entries(stored: StoredRecord) -> list[str]:
    rows = (row for subset in stored.record.board.subsets for row in subset.rows)
    return [row.entry for row in rows if row.kind is EntryKind.ENTRY]
