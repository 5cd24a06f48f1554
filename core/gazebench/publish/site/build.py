"""The whole site: pages, tables and assets, as bytes or as a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gazebench.engine.store import write_bytes
from gazebench.errors import RecordError, RunError
from gazebench.publish.site.board_files import board_files
from gazebench.publish.site.file_names import file_stem
from gazebench.publish.site.home_pages import guide_view, home_view
from gazebench.publish.site.links import GUIDE, INDEX
from gazebench.publish.site.rendering import ASSETS, asset, page
from gazebench.publish.standings import Standings

CONTENTS = "files.txt"  # names every file of the folder, so that a later build knows its own


def build_site(boards: Sequence[Standings], folder: Path) -> tuple[Path, ...]:
    """Write the site of leaderboards into a folder, and return its files.

    Files of an earlier build that are no longer part of it are removed.

    Raises:
        RecordError: two boards have one name.
        RunError: the folder holds something else than a site, or cannot be written.
    """
    return write_site(site_files(boards), folder)


def write_site(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write what `site_files` returns; see `build_site`."""
    earlier = _earlier(folder)
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_bytes() != content:
                write_bytes(path, content)
        for name in sorted(earlier - files.keys()):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot write the site into {folder}: {error.strerror or error}",
            do="choose another folder with --out",
        ) from error
    return tuple(folder / name for name in files)


def site_files(boards: Sequence[Standings]) -> Mapping[str, bytes]:
    """Return every file of the site, by its name relative to the folder, in sorted order.

    Raises:
        RecordError: two boards have one name.
    """
    found: dict[str, bytes] = {}
    for board in sorted(boards, key=lambda one: one.name):
        stem = file_stem(board.name)
        if f"{stem}/{INDEX}" in found:
            raise RecordError(f"two boards are called {board.name}", do="rename one of them")
        found |= {f"{stem}/{name}": content for name, content in board_files(board).items()}
    found |= dict(_shared(boards))
    names = sorted([*found, CONTENTS])
    found[CONTENTS] = "".join(f"{name}\n" for name in names).encode()
    return {name: found[name] for name in names}


def _shared(boards: Sequence[Standings]) -> Iterator[tuple[str, bytes]]:
    ordered = sorted(boards, key=lambda one: one.name)
    yield INDEX, page("home.html", **home_view(ordered))
    yield GUIDE, page("guide.html", **guide_view(ordered))
    for name in ASSETS:
        yield f"assets/{name}", asset(name)


def refuse_no_site(folder: Path) -> None:
    """Refuse a folder that exists and holds something else than a site.

    Raises:
        RunError: it does.
    """
    _earlier(folder)


def _earlier(folder: Path) -> set[str]:
    """Return the files of an earlier build.

    Raises:
        RunError: the folder holds something else.
    """
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise RunError(f"{folder} is a file", do="choose a folder with --out")
    contents = folder / CONTENTS
    if not contents.is_file():
        if any(folder.iterdir()):
            raise RunError(
                f"{folder} holds something else than a site: it has no {CONTENTS}",
                do="choose a new folder with --out",
            )
        return set()
    names = contents.read_text("utf-8").splitlines()
    return {name for name in names if _is_within(name)}


def _is_within(name: str) -> bool:
    parts = Path(name).parts
    return bool(parts) and not Path(name).is_absolute() and ".." not in parts
