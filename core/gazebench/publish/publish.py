"""From a run's folder to a record on a board: prepared and shown first, then written."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.store import write_bytes
from gazebench.errors import RecordError
from gazebench.leaderboard.run_record import RunRecord, read_run_record
from gazebench.publish.board_file import FILE, RECORDS, board_text, read_board
from gazebench.publish.case_scores_file import case_scores_file, case_scores_text
from gazebench.publish.diff import changes
from gazebench.publish.join import BoardSettings
from gazebench.publish.make_record import MadeRecord, make_record
from gazebench.publish.reading import read_leaderboards
from gazebench.publish.rebuild import rebuild
from gazebench.publish.record import Carry, Protocol, Record
from gazebench.publish.record_file import record_text
from gazebench.publish.scan import refuse_published, refuse_run
from gazebench.publish.texts import slug
from gazebench.publish.verification.attestation import attestation_file
from gazebench.publish.verification.folder import BOARD_NAME
from gazebench.registry.host import Host
from gazebench.spec.descriptors import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A publication that was not written yet.

    Attributes:
        board: the folder of its board.
        files: path -> content; None for a file that has to go.
        changes: what it changes on the board, one sentence each.
        unseen: what the scan for restricted data could not compare with, and why.
    """

    board: Path
    record: Record
    files: Mapping[Path, bytes | None]
    changes: tuple[str, ...]
    unseen: tuple[str, ...]


def prepare(
    run: Path,
    to: Path,
    host: Host,
    *,
    name: str = "",
    title: str = "",
    carry: Carry = Carry.AUTO,
) -> Prepared:
    """Make the record of a run for the folder of boards `to`, and write nothing.

    The board is called as its dataset; where it is not there yet it gets its settings from the
    record.

    Raises:
        RecordError: the folder holds no finished run, something in it must not be published, or
            the board cannot be read.
        DataError: the scores of the run cannot be read.
    """
    found = read_run_record(run)
    if found is None:
        raise RecordError(f"{run} is no folder of a run", do="name one that `gazebench run` wrote")
    own = refuse_run(run)
    folder = to / _board_name(found)
    is_open = not found.is_restricted
    carries = carry is Carry.YES or (carry is Carry.AUTO and is_open)
    stored = read_board(folder) if (folder / FILE).is_file() else None
    made = make_record(
        run,
        host,
        name=slug(name or _slug_of(run), "the record's name"),
        title=title,
        salt=stored.salt if stored else "",
        with_case_scores=carries,
    )
    settings = _with_metrics(stored.settings if stored else _settings(made, host), made.record)
    files = _files(folder, board_text(settings, made.salt), made)
    written = {path.name: content for path, content in files.items() if content is not None}
    refuse_published(written, own)
    return Prepared(
        board=folder,
        record=made.record,
        files=files,
        changes=_changes(folder, files),
        unseen=own.unseen,
    )


def write(prepared: Prepared, host: Host) -> tuple[Path, ...]:
    """Write a publication and everything that follows from it; return the files that changed.

    Raises:
        RunError: a file cannot be written.
    """
    (prepared.board / RECORDS).mkdir(parents=True, exist_ok=True)
    changed = [path for path, content in prepared.files.items() if _held(path) != content]
    for path in changed:
        content = prepared.files[path]
        if content is None:
            path.unlink()
        else:
            write_bytes(path, content)
    return (*changed, *rebuild(prepared.board.parent, host))


def _board_name(run: RunRecord) -> str:
    """Return the dataset's name, which a board's folder is called by.

    Raises:
        RecordError: it is no name that a folder may have everywhere.
    """
    name = str(run.content.get("dataset", {}).get("name", ""))
    if BOARD_NAME.fullmatch(name) is None:
        raise RecordError(
            f"no board can be called as the dataset is: {name!r}",
            do="call it by lower-case letters, digits, hyphens and underscores",
        )
    return name


def _settings(made: MadeRecord, host: Host) -> BoardSettings:
    """Describe a new board by its dataset's plugin."""
    protocol: Protocol = made.record.protocol
    descriptor = host.get("dataset", protocol.dataset).descriptor
    assert isinstance(descriptor, Dataset)
    about = [descriptor.title, descriptor.notice, descriptor.reference]
    return BoardSettings(
        name=protocol.dataset,
        title=descriptor.title or protocol.dataset,
        about=". ".join(text.rstrip(".") for text in about[1:] if text),
        is_restricted=made.record.is_restricted,
        protocol=protocol,
        versions={},
        rank_by=made.record.board.rank_by,
    )


def _with_metrics(settings: BoardSettings, record: Record) -> BoardSettings:
    """Add the metrics that the board does not know yet, after those it has."""
    new = {m.name: m.version for m in record.board.metrics if m.name not in settings.versions}
    return replace(settings, versions={**settings.versions, **new})


def _files(folder: Path, board: str, made: MadeRecord) -> dict[Path, bytes | None]:
    path = folder / RECORDS / f"{made.record.name}.json"
    text = record_text(made.record).encode()
    carried = case_scores_text(made.case_scores).text.encode()
    files: dict[Path, bytes | None] = {
        folder / FILE: board.encode(),
        path: text,
        case_scores_file(path): carried if made.record.case_scores else None,
    }
    if _held(path) != text:  # the attestation of what the record was before counts for nothing
        files[attestation_file(path)] = None
    return files


def _changes(folder: Path, files: Mapping[Path, bytes | None]) -> tuple[str, ...]:
    """Join the board as it would be, from a copy, and say how it differs from what it is."""
    before = read_leaderboards(folder) if (folder / FILE).is_file() else ()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        (copy / RECORDS).mkdir(parents=True)
        if (folder / RECORDS).is_dir():
            shutil.copytree(folder / RECORDS, copy / RECORDS, dirs_exist_ok=True)
        for path, content in files.items():
            target = copy / path.relative_to(folder)
            if content is None:
                target.unlink(missing_ok=True)
            else:
                target.write_bytes(content)
        return tuple(changes(before, read_leaderboards(copy)))


def _held(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _slug_of(run: Path) -> str:
    """Make a record's name of the run's folder's."""
    name = re.sub(r"[^a-z0-9]+", "-", run.resolve().name.lower()).strip("-")
    return name or "run"
