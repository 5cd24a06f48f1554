"""From a board's folder to its leaderboard: records, case scores and attestations, joined."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from gazebench.errors import RecordError
from gazebench.publish.board_file import FILE, read_board
from gazebench.publish.case_scores import CaseScores
from gazebench.publish.case_scores_file import case_scores_file, read_case_scores
from gazebench.publish.join import join
from gazebench.publish.record_file import StoredRecord, read_record
from gazebench.publish.standings import Standings
from gazebench.publish.submission import Submission
from gazebench.publish.verification.attestation import attestation_file
from gazebench.publish.verification.badges import attestation_of, badge_of
from gazebench.publish.verification.folder import BoardFolder, find
from gazebench.publish.verification.recompute import recomputed_board, unlike
from gazebench.spec.board import Board

KEPT = 4  # leaderboards: those before and after a change, twice
_REMEMBERED: dict[str, Standings] = {}  # by the content of the files


class Stored(NamedTuple):
    """A record's file, and the case scores beside it."""

    file: StoredRecord
    case_scores: CaseScores | None


def read_leaderboards(path: Path) -> tuple[Standings, ...]:
    """Read a folder of boards, or one board, and join the records of each.

    Raises:
        RecordError: there is no board, a file in it is malformed, or a record's numbers do not
            follow from the case scores that it carries.
    """
    return tuple(read_leaderboard(board) for board in find(path).boards)


def read_leaderboard(board: BoardFolder) -> Standings:
    """Read and join the records of one board; see `read_leaderboards`.

    Whoever publishes or verifies asks several times: the last ones are remembered by the content
    of their files.
    """
    key = _content(board)
    if key not in _REMEMBERED:
        _REMEMBERED[key] = _joined(board)
        while len(_REMEMBERED) > KEPT:
            del _REMEMBERED[next(iter(_REMEMBERED))]
    return _REMEMBERED[key]


def _content(board: BoardFolder) -> str:
    """Return a hash of every file that a leaderboard is made of."""
    digest = hashlib.sha256()
    files = [board.path / FILE]
    for record in board.records:
        files += [record, case_scores_file(record), attestation_file(record)]
    for file in files:
        content = file.read_bytes() if file.is_file() else b""
        digest.update(f"{file.name} {file.is_file()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _joined(board: BoardFolder) -> Standings:
    settings = read_board(board.path).settings
    stored = [_read(path) for path in board.records]
    standings = join(settings, [_submission(one) for one in stored])
    _check_statistics(stored, standings)
    return standings


def _read(path: Path) -> Stored:
    file = read_record(path)
    beside = case_scores_file(path)
    if not file.record.case_scores:
        return Stored(file, None)
    case_scores, sha256 = read_case_scores(beside)
    if sha256 != file.record.case_scores:
        raise RecordError(
            f"{beside} is not the one that {path} names: it has SHA-256 {sha256[:12]}, expected "
            f"{file.record.case_scores[:12]}",
            do="put both files back as they were published",
        )
    return Stored(file, case_scores)


def _submission(stored: Stored) -> Submission:
    """Give a record the badge that it has if its numbers follow from its case scores."""
    file, case_scores = stored
    attestation, _ = attestation_of(file.path)
    badge = badge_of(file.record, file.sha256, attestation=attestation, is_recomputed=True).badge
    return Submission(record=file.record, badge=badge, case_scores=case_scores)


def _check_statistics(stored: Sequence[Stored], standings: Standings) -> None:
    for file, case_scores in stored:
        if case_scores is None:
            continue
        found = _own_board(file, case_scores, standings)
        wrong = list(islice(unlike(file.record.board, found), 1))
        if wrong:
            raise RecordError(
                f"{file.path} states what does not follow from its case scores: {wrong[0]}",
                do="publish the run again; `gazebench verify` shows every difference",
            )


def _own_board(file: StoredRecord, case_scores: CaseScores, standings: Standings) -> Board:
    """Return the board of a record alone; on a board by itself that is the board."""
    is_alone = list(standings.records) == [file.record.name]
    if is_alone and standings.board.rank_by == file.record.board.rank_by:
        return standings.board
    return recomputed_board(file.record, case_scores)
