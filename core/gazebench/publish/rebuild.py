"""Boards rebuilt from their records, and whether what lies there is what the records give."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from gazebench.engine.store import write_bytes
from gazebench.errors import RecordError
from gazebench.publish.board_texts import board_texts
from gazebench.publish.reading import read_leaderboard
from gazebench.publish.site.build import site_files, write_site
from gazebench.publish.standings import Standings
from gazebench.publish.verification.folder import SITE, find
from gazebench.registry.host import Host

SHOWN = 40  # lines of a difference


class Made(NamedTuple):
    """What the records below a path give.

    Attributes:
        files: path -> content, of boards and of the site.
        site: the site's folder; None where one board was asked about, which has no site.
        pages: of the site, by their names within its folder.
        boards: the leaderboards.
    """

    files: Mapping[Path, bytes]
    site: Path | None
    pages: Mapping[str, bytes]
    boards: tuple[Standings, ...]


def rebuild(path: Path, host: Host, *, check: bool = False) -> tuple[Path, ...]:
    """Write every file that is made of records, and return those that changed or went.

    `path` is a folder of boards, which has a site of all of them, or one board. With `check`
    nothing is written.

    Raises:
        RecordError: a record is malformed; with `check`, a file is not what the records give.
        RunError: a file cannot be written, or the site's folder holds something else.
    """
    made = made_of_records(path, host)
    changed = [file for file, content in made.files.items() if found_in(file) != content]
    changed += _left_over(made)
    if check and changed:
        raise RecordError(
            f"{_counted(len(changed))} what the records give; the first:\n"
            + _difference(changed[0], made.files.get(changed[0])),
            do=f"gazebench rebuild {path}",
        )
    if changed:
        _write(made, changed)
    return tuple(changed)


def made_of_records(path: Path, host: Host) -> Made:
    """Return every file that is made of the records of a folder of boards, or of one board.

    Raises:
        RecordError: a record is malformed, or its numbers do not follow from its case scores.
    """
    found = find(path)
    boards = tuple(read_leaderboard(board) for board in found.boards)
    files = {
        board.path / name: text.encode()
        for board, standings in zip(found.boards, boards, strict=True)
        for name, text in board_texts(standings, host).items()
    }
    if found.leaderboards is None:
        return Made(files, None, {}, boards)
    site = found.leaderboards / SITE
    pages = site_files(boards)
    return Made(
        files | {site / name: content for name, content in pages.items()}, site, pages, boards
    )


def _left_over(made: Made) -> list[Path]:
    """Return the files of the site that no record gives any more."""
    if made.site is None or not made.site.is_dir():
        return []
    return [p for p in sorted(made.site.rglob("*")) if p.is_file() and p not in made.files]


def _write(made: Made, changed: Iterable[Path]) -> None:
    if made.site is not None:
        write_site(made.pages, made.site)  # first, as it refuses a folder of something else
    for file in changed:
        if file in made.files and found_in(file) != made.files[file]:
            write_bytes(file, made.files[file])


def found_in(file: Path) -> bytes | None:
    """Return what a file holds; None where there is none."""
    return file.read_bytes() if file.is_file() else None


def _counted(files: int) -> str:
    return "1 file is not" if files == 1 else f"{files} files are not"


def _difference(file: Path, expected: bytes | None) -> str:
    found = found_in(file)
    if expected is None:
        return f"{file} is made of no record"
    if found is None:
        return f"{file} is missing"
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (found, expected))
    names = str(file), "rebuilt from the records"
    diff = difflib.unified_diff(before, after, *names, lineterm="", n=1)
    shown = list(islice(diff, SHOWN + 1))
    more = ["..."] if len(shown) > SHOWN else []
    return "\n".join([*shown[:SHOWN], *more]) or f"{file} differs in the ends of its lines"
