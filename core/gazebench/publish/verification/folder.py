"""What lies in a folder of leaderboards, and what has no business there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gazebench.errors import RecordError
from gazebench.publish.verification.attestation import SUFFIX as ATTESTATION

BOARD, RECORDS, SITE = "board.json", "records", "site"
CASES = ".cases.json"
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
BOARD_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
RENDERED = frozenset({"board.md", "board.csv", "board.tex"})
TEXTS = frozenset({"README.md"})
RECORD_FILE = re.compile(rf"{NAME.pattern}(?:{re.escape(CASES)}|{re.escape(ATTESTATION)}|\.json)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFolder:
    """A board's folder, and the records in it that were asked about.

    Attributes:
        is_whole: whether the whole board was asked about, not one of its records.
    """

    path: Path
    records: tuple[Path, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a path means.

    Attributes:
        root: what names of files are relative to.
        leaderboards: the folder of all boards, where that was asked about.
    """

    root: Path
    boards: tuple[BoardFolder, ...]
    leaderboards: Path | None = None


def find(path: Path) -> Found:
    """Say whether a path is a record, a board or a folder of boards.

    Raises:
        RecordError: it is none of them, or does not exist.
    """
    if path.is_file() and path.name.endswith(".json") and path.parent.name == RECORDS:
        record = path.with_name(record_name(path) + ".json")
        board = path.parent.parent
        return Found(
            root=board, boards=(BoardFolder(path=board, records=(record,), is_whole=False),)
        )
    if (path / BOARD).is_file():
        return Found(root=path, boards=(_whole(path),))
    boards = boards_in(path)
    if boards:
        return Found(root=path, boards=boards, leaderboards=path)
    raise RecordError(
        f"{path} is no record, no board and no folder of boards",
        do=f"name a file of BOARD/{RECORDS}/, a folder with {BOARD}, or the folder above it",
    )


def boards_in(path: Path) -> tuple[BoardFolder, ...]:
    """Return the boards of a folder of boards; none where there is none."""
    return tuple(_whole(folder) for folder in sorted(_folders(path)) if (folder / BOARD).is_file())


def record_name(path: Path) -> str:
    """Return the name of the record that a file belongs to."""
    name = path.name
    for suffix in (CASES, ATTESTATION, ".json"):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name


def strangers(found: Found) -> Iterator[str]:
    """Yield one sentence per file that is none of a board's, and per link.

    The site's files are not looked at: they have to be those that the records give.
    """
    if found.leaderboards is not None:
        yield from _strange_boards(found.leaderboards)
    for board in found.boards:
        if board.is_whole:
            yield from _in_board(board.path, found.root)
        else:
            yield from _links_of(board)


def _links_of(board: BoardFolder) -> Iterator[str]:
    """Look at one record, what lies beside it, and what they lie in."""
    for record in board.records:
        beside = (record.with_name(record_name(record) + suffix) for suffix in (CASES, ATTESTATION))
        for path in (record, *beside, record.parent, board.path / BOARD):
            if path.is_symlink():
                place = path.relative_to(board.path).as_posix()
                yield f"{place} is a link; boards hold their own files"


def _strange_boards(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            yield f"{path.name} is a link; boards hold their own files"
        elif path.is_file() and path.name not in TEXTS:
            yield f"{path.name} is none of a leaderboard's files"
        elif path.is_dir() and path.name != SITE and not (path / BOARD).is_file():
            yield f"{path.name}/ is no board: it has no {BOARD}"
        elif path.is_dir() and path.name != SITE and not BOARD_NAME.fullmatch(path.name):
            yield f"{path.name}/ is no name of a board: lower-case letters, digits, hyphens"


def _in_board(board: Path, root: Path) -> Iterator[str]:
    for path in sorted(board.rglob("*")):
        place = path.relative_to(root).as_posix()
        inside = path.relative_to(board)
        if path.is_symlink():
            yield f"{place} is a link; boards hold their own files"
        elif path.is_dir() and inside.as_posix() != RECORDS:
            yield f"{place}/ is no folder of a board"
        elif path.is_file() and not _belongs(inside):
            yield f"{place} is none of a board's files"
        elif path.is_file() and _is_orphan(path, inside):
            yield f"{place} belongs to the record {record_name(path)}, which is not there"


def _belongs(inside: Path) -> bool:
    if len(inside.parts) == 1:
        return inside.name in {BOARD, *RENDERED, *TEXTS}
    is_record = RECORD_FILE.fullmatch(inside.name) is not None
    return len(inside.parts) == 2 and inside.parts[0] == RECORDS and is_record


def _is_orphan(path: Path, inside: Path) -> bool:
    return len(inside.parts) == 2 and not path.with_name(record_name(path) + ".json").is_file()


def _whole(board: Path) -> BoardFolder:
    files = sorted((board / RECORDS).glob("*.json")) if (board / RECORDS).is_dir() else []
    records = (path for path in files if path.name == f"{record_name(path)}.json")
    return BoardFolder(path=board, records=tuple(records))


def _folders(path: Path) -> list[Path]:
    return [child for child in path.iterdir() if child.is_dir()] if path.is_dir() else []
