"""Everything that can be checked about what is published without the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gazebench.errors import GazeBenchError, RecordError
from gazebench.publish.board_file import FILE, RECORDS, StoredBoard, read_board
from gazebench.publish.reading import read_leaderboard
from gazebench.publish.rebuild import rebuild
from gazebench.publish.scan import scan_folder, scan_published
from gazebench.publish.scan_finds import LISTED
from gazebench.publish.verification.checks import (
    Check,
    CheckName,
    Outcome,
    Verification,
    judged,
    noted,
    passed,
    skipped,
)
from gazebench.publish.verification.folder import BoardFolder, Found, find, strangers
from gazebench.publish.verification.record_checks import Looked, record_checks
from gazebench.registry.host import Host


def verify(path: Path, host: Host) -> Verification:
    """Check a record, a board's folder, or a folder of boards.

    Links and strange files are found first; where there are links nothing else is read.

    Raises:
        RecordError: the path is none of them.
    """
    return Verification(path=str(path), checks=tuple(_checks(find(path), path, host)))


def _checks(found: Found, path: Path, host: Host) -> Iterator[Check]:
    files = judged(
        CheckName.FILES, str(path), strangers(found), do="remove it; boards hold nothing else"
    )
    yield files
    if any(" is a link" in said for said in files.said):
        return
    leaks = _leaks(found, path)
    yield leaks
    sound = leaks.outcome is not Outcome.FAILED
    apart: set[str] = set()
    for board in found.boards:
        for check in _board(board, found.root, host):
            sound = sound and check.outcome is not Outcome.FAILED
            if check.name is CheckName.BOARD and check.outcome is Outcome.NOTED:
                apart.add(check.where)
            yield check
    if sound:
        yield from (c for c in _contradicting(found) if c.where not in apart)
    if all(board.is_whole for board in found.boards):
        yield _drift(path, host) if sound else _no_drift(path)


def _board(board: BoardFolder, root: Path, host: Host) -> Iterator[Check]:
    where = (board.path / FILE).relative_to(root).as_posix()
    stored: StoredBoard | None = None
    try:
        stored = read_board(board.path)
        yield passed(CheckName.SCHEMA, where)
    except RecordError as error:
        yield judged(CheckName.SCHEMA, where, [error.message], do=error.do)
    for record in board.records:
        place = record.relative_to(root).as_posix()
        yield from record_checks(Looked(path=record, where=place, board=stored, host=host))


def _contradicting(found: Found) -> Iterator[Check]:
    """Name the records that others contradict: each of them may hold by itself."""
    for board in found.boards:
        try:
            standings = read_leaderboard(board) if board.is_whole else None
        except GazeBenchError:  # rebuilding says so
            continue
        for one in standings.apart if standings else ():
            path = board.path / RECORDS / f"{one.record}.json"
            said = [f"it stands apart: {why}" for why in one.why]
            where = path.relative_to(found.root).as_posix()
            yield noted(CheckName.BOARD, where, said, do=one.command)


def _leaks(found: Found, path: Path) -> Check:
    """Look through every file, or those of the one record that was asked about."""
    if path.is_dir():
        finds = tuple(scan_folder(path))
    else:
        (record,) = found.boards[0].records
        beside = (record, *record.parent.glob(f"{record.stem}.*.json"))
        finds = tuple(scan_published({file.name: file.read_bytes() for file in beside}))
    said = [f"{find.place}: {find.what}" for find in finds[:LISTED]]
    if len(finds) > LISTED:
        said.append(f"and {len(finds) - LISTED} more")
    return judged(CheckName.LEAKS, str(path), said, do="take it out, where it comes from too")


def _drift(path: Path, host: Host) -> Check:
    try:
        rebuild(path, host, check=True)
    except GazeBenchError as error:
        return judged(CheckName.DRIFT, str(path), [error.message], do=error.do)
    return passed(CheckName.DRIFT, str(path))


def _no_drift(path: Path) -> Check:
    return skipped(CheckName.DRIFT, str(path), "first the records have to hold")
