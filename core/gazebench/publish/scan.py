"""Nothing restricted leaves: what is looked through before and after publishing.

`refuse_run` looks through the folder of a run, `refuse_published` through files about to be
written, `scan_folder` through what is there already. The scan is a net below the allow-list of
`gazebench.publish.allow`, not instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from gazebench.engine.store import SCORES
from gazebench.leaderboard.run_record import read_run_record
from gazebench.publish.scan_bytes import format_of, not_text
from gazebench.publish.scan_finds import Find, refuse_finds
from gazebench.publish.scan_own import NOTHING, OwnData
from gazebench.publish.scan_own_dataset import own_data_of
from gazebench.publish.scan_pictures import not_a_plot, source_image_in
from gazebench.publish.scan_run import Scan, read_run_scores, scan_run
from gazebench.publish.scan_texts import (
    masked_key,
    scan_csv,
    scan_json,
    scan_leaf,
    scan_markup,
    scan_plain,
    scan_svg,
)

__all__ = [
    "Find",
    "own_data_of",
    "refuse_finds",
    "refuse_published",
    "refuse_run",
    "scan_folder",
    "scan_published",
    "scan_run",
]

CASE_SCORES = ".cases.json"  # salted scores of every case: long lists of numbers
_SCANS: Mapping[str, Scan] = {
    ".json": scan_json,
    ".csv": scan_csv,
    ".md": scan_plain,
    ".tex": scan_plain,
    ".bib": scan_plain,
    ".cff": scan_plain,
    ".yaml": scan_plain,
    ".yml": scan_plain,
    ".txt": scan_plain,
    ".html": scan_markup,
    ".css": scan_plain,
    ".js": partial(scan_plain, long_words=True),
    ".svg": scan_svg,
}
PICTURE = ".png"


def refuse_run(folder: Path) -> OwnData:
    """Look through a run's folder, and return what no published text of it may repeat.

    Raises:
        RecordError: something in it must not be published; lists every place.
    """
    scores = read_run_scores(folder / SCORES)
    own = NOTHING if isinstance(scores, str) else own_data_of(read_run_record(folder), scores)
    refuse_finds(scan_run(folder, own), str(folder))
    return own


def refuse_published(files: Mapping[str, bytes], own: OwnData) -> None:
    """Look through files that are about to be published.

    Raises:
        RecordError: something in them must not be published; lists every place.
    """
    refuse_finds(scan_published(files, own), "what would be published")


def scan_published(files: Mapping[str, bytes], own: OwnData = NOTHING) -> Iterator[Find]:
    """Look through files by their names: those about to be published, or published already.

    Texts of the kinds that leaderboards are made of may be there, and plots; a plot must not show
    an image of the run's dataset.
    """
    for name, content in sorted(files.items()):
        shown = "/".join(masked_key(part, own) for part in PurePosixPath(name).parts)
        yield from scan_leaf(name, shown, own)
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == PICTURE:
            yield from (Find(shown, what) for what in _faults_of_picture(content, own))
        elif suffix not in _SCANS:
            kind = format_of(content)
            yield Find(shown, f"is no file of a leaderboard{f'; it is {kind}' if kind else ''}")
        elif problem := not_text(content):
            yield Find(shown, problem)
        else:
            scan = _SCANS[suffix]
            if name.endswith(CASE_SCORES):
                scan = partial(scan_json, longest=None)
            yield from scan(content.decode("utf-8"), shown, own)


def scan_folder(folder: Path, own: OwnData = NOTHING) -> Iterator[Find]:
    """Look through a folder that is published: a leaderboard, all of them, or a site."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield Find(masked_key(name, own), "is a link")
        elif path.is_file():
            files[name] = path.read_bytes()
    yield from scan_published(files, own)


def _faults_of_picture(content: bytes, own: OwnData) -> Iterator[str]:
    problems = list(not_a_plot(content))
    yield from problems
    if not problems and (alike := source_image_in(content, own.thumbnails())):
        yield f"shows an image of the run's dataset (correlation {alike:.2f})"
