"""Boards rebuilt from their records, and whether what lies there is what the records give."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from gazebench.engine.store import write_bytes
from gazebench.errors import RecordError
from gazebench.publish.board_texts import board_texts
from gazebench.publish.reading import read_leaderboard
from gazebench.publish.verification.folder import find
from gazebench.registry.host import Host

SHOWN = 40  # lines of a difference


def rebuild(path: Path, host: Host, *, check: bool = False) -> tuple[Path, ...]:
    """Write every file that is made of records, and return those that changed.

    `path` is a folder of boards or one board. With `check` nothing is written.

    Raises:
        RecordError: a record is malformed; with `check`, a file is not what the records give.
        RunError: a file cannot be written.
    """
    files = made_of_records(path, host)
    changed = tuple(file for file, content in files.items() if _found(file) != content)
    if check and changed:
        raise RecordError(
            f"{_counted(len(changed))} what the records give; the first:\n"
            + _difference(changed[0], files[changed[0]]),
            do=f"gazebench rebuild {path}",
        )
    for file in changed:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file, files[file])
    return changed


def made_of_records(path: Path, host: Host) -> Mapping[Path, bytes]:
    """Return every file that is made of the records of a folder of boards, or of one board.

    Raises:
        RecordError: a record is malformed, or its numbers do not follow from its case scores.
    """
    files: dict[Path, bytes] = {}
    for board in find(path).boards:
        texts = board_texts(read_leaderboard(board), host)
        files |= {board.path / name: text.encode() for name, text in texts.items()}
    return files


def _found(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _counted(files: int) -> str:
    return "1 file is not" if files == 1 else f"{files} files are not"


def _difference(file: Path, expected: bytes) -> str:
    found = _found(file)
    if found is None:
        return f"{file} is missing"
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (found, expected))
    names = str(file), "rebuilt from the records"
    diff = difflib.unified_diff(before, after, *names, lineterm="", n=1)
    shown = list(islice(diff, SHOWN + 1))
    more = ["..."] if len(shown) > SHOWN else []
    return "\n".join([*shown[:SHOWN], *more]) or f"{file} differs in the ends of its lines"
