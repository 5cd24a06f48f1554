"""From a run's folder to a record on a board: prepared, scanned and shown first, then written.

Nothing is written before all of it is known, the rebuilt boards and their site too: what is refused
leaves every file as it was.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gazebench.engine.store import write_bytes
from gazebench.errors import RecordError
from gazebench.leaderboard.run_record import RunRecord
from gazebench.publish.board_file import FILE, RECORDS, board_text, read_board
from gazebench.publish.case_scores_file import case_scores_file, case_scores_text
from gazebench.publish.diff import changes
from gazebench.publish.join import BoardSettings
from gazebench.publish.make_record import MadeRecord, finished_run, make_record
from gazebench.publish.reading import read_leaderboard
from gazebench.publish.rebuild import Made, found_in, made_of_records, rebuild
from gazebench.publish.record import Carry, Protocol, Record
from gazebench.publish.record_file import record_text
from gazebench.publish.scan import refuse_published, refuse_run
from gazebench.publish.site.build import refuse_no_site
from gazebench.publish.standings import Standings
from gazebench.publish.texts import slug
from gazebench.publish.verification.attestation import attestation_file
from gazebench.publish.verification.folder import BOARD_NAME, SITE, boards_in
from gazebench.registry.host import Host
from gazebench.spec.descriptors import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOptions:
    """How a run is to be published.

    Attributes:
        name: of the record's file; "" for the run's folder's.
        title: one line for people; "" for how many entries there are, on what.
        case_scores: whether the record carries them, salted.
        replace: whether another record of the same name may be overwritten.
    """

    name: str = ""
    title: str = ""
    case_scores: Carry = Carry.AUTO
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A publication that was not written yet.

    Attributes:
        boards: the folder of all boards.
        file: of the record.
        files: path -> content, for every file that changes but those that follow from records;
            None for one that has to go.
        rebuilt: the files that follow from records and change.
        changes: what it changes on the board, one sentence each.
        unseen: what the scan for restricted data could not compare with, and why.
    """

    boards: Path
    file: Path
    record: Record
    files: Mapping[Path, bytes | None]
    rebuilt: tuple[Path, ...]
    changes: tuple[str, ...]
    unseen: tuple[str, ...]


def prepare(run: Path, to: Path, host: Host, options: PublishOptions) -> Prepared:
    """Make the record of a run for the folder of boards `to`, and write nothing.

    The board is called as its dataset; where it is not there yet it gets its settings from the
    record.

    Raises:
        RecordError: the folder holds no finished run, something must not be published, another
            record has the name, or a board cannot be read.
        DataError: the scores of the run cannot be read.
        RunError: the folder of the site holds something else.
    """
    found = finished_run(run)
    own = refuse_run(run)
    folder = to / _board_name(found)
    _refuse_half_a_board(folder)
    stored = read_board(folder) if (folder / FILE).is_file() else None
    made = make_record(
        run,
        host,
        name=slug(options.name or _slug_of(run), "the record's name"),
        title=options.title,
        salt=stored.salt if stored else "",
        with_case_scores=_carries(options.case_scores, is_restricted=found.is_restricted),
    )
    settings = _with_metrics(stored.settings if stored else _settings(made, host), made.record)
    files = _files(folder, board_text(settings, made.salt), made)
    file = folder / RECORDS / f"{made.record.name}.json"
    if not options.replace:
        _refuse_other(file, files)
    before = _boards(to)
    after = _rebuilt(to, files, host)
    refuse_no_site(to / SITE)
    changed, rebuilt = _unlike_what_is_there(files), _unlike_what_is_there(after.files)
    written = {**changed, **rebuilt}
    refuse_published({p.relative_to(to).as_posix(): c for p, c in written.items() if c}, own)
    return Prepared(
        boards=to,
        file=file,
        record=made.record,
        files=changed,
        rebuilt=tuple(rebuilt),
        changes=tuple(changes(before, after.boards)),
        unseen=own.unseen,
    )


def write(prepared: Prepared, host: Host) -> tuple[Path, ...]:
    """Write a publication and everything that follows from it; return the files that changed.

    Raises:
        RunError: a file cannot be written.
    """
    for path, content in prepared.files.items():
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, content)
    return (*prepared.files, *rebuild(prepared.boards, host))


def _unlike_what_is_there(files: Mapping[Path, bytes | None]) -> dict[Path, bytes | None]:
    return {path: content for path, content in files.items() if content != found_in(path)}


def _carries(carry: Carry, *, is_restricted: bool) -> bool:
    return carry is Carry.YES or (carry is Carry.AUTO and not is_restricted)


def _refuse_other(file: Path, files: Mapping[Path, bytes | None]) -> None:
    if file.is_file() and found_in(file) != files[file]:
        raise RecordError(
            f"{file} is there already, and holds something else",
            do="publish with --replace, or under another --name",
        )


def _refuse_half_a_board(folder: Path) -> None:
    """Refuse a folder whose records would be taken for those of a new board, with another salt."""
    records = folder / RECORDS
    if records.exists() and not records.is_dir():
        raise RecordError(f"{records} is no folder of records", do="remove it, or put it back")
    if not (folder / FILE).is_file() and any(records.glob("*.json")):
        raise RecordError(
            f"{folder} holds records and no {FILE}",
            do=f"put {FILE} back as it was: it says what the board is about, and salts its cases",
        )


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
        case_scores_file(path): carried if made.record.case_scores else None,
    }
    if found_in(path) != text:  # the attestation of what the record was before counts for nothing
        files[attestation_file(path)] = None
    files[path] = text  # last: a board without it is whole, should writing end before
    return files


def _boards(to: Path) -> tuple[Standings, ...]:
    return tuple(read_leaderboard(board) for board in boards_in(to))


def _rebuilt(to: Path, files: Mapping[Path, bytes | None], host: Host) -> Made:
    """Rebuild the boards as they would be, from a copy of what they are made of."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "boards"
        for board in boards_in(to):
            _copy_sources(board.path, copy / board.path.name)
        for path, content in files.items():
            target = copy / path.relative_to(to)
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                target.unlink(missing_ok=True)
            else:
                target.write_bytes(content)
        made = made_of_records(copy, host)
        there = {to / path.relative_to(copy): content for path, content in made.files.items()}
        return made._replace(files=there, site=to / SITE)


def _copy_sources(board: Path, copy: Path) -> None:
    """Copy what a board is made of, and nothing else that lies there."""
    (copy / RECORDS).mkdir(parents=True)
    for file in (board / FILE, *(board / RECORDS).glob("*.json")):
        if file.is_file():
            shutil.copyfile(file, copy / file.relative_to(board))


def _slug_of(run: Path) -> str:
    """Make a record's name of the run's folder's."""
    name = re.sub(r"[^a-z0-9]+", "-", run.resolve().name.lower()).strip("-")
    return name or "run"
