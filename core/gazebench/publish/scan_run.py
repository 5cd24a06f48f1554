"""The folder of a run, before anything of it is published: only what a run writes, as it writes it.

Ids stand in the columns `case`, `reading` and `cluster` of the scores and in the lists of cases of
the subsets, and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from gazebench.engine.failures import FAILURES
from gazebench.engine.folder import CACHE, CHECKS, COSTS, MANIFEST
from gazebench.engine.store import SCHEMA, SCORES
from gazebench.files.parquet import read_parquet
from gazebench.leaderboard.scored_table import SUBSETS
from gazebench.publish.scan_bytes import embedded, format_of, not_text
from gazebench.publish.scan_finds import Find
from gazebench.publish.scan_ids import masked
from gazebench.publish.scan_own import OwnData, ids_of_scores, own_data
from gazebench.publish.scan_pictures import not_a_plot
from gazebench.publish.scan_reports import report_sentences
from gazebench.publish.scan_texts import (
    faults,
    masked_key,
    scan_csv,
    scan_json,
    scan_leaf,
    scan_plain,
    scan_svg,
)
from gazebench.spec.values import EntryKind, Status

LARGEST = 256 * 2**20  # bytes; a run of a thousand entries stays far below
LONGEST_ID = 200
_PATIENT = re.compile(r"(?:patient \d+)?")
_BOARD = re.compile(r"leaderboard\.[a-z0-9_]+")
_WORDS: Mapping[str, frozenset[str]] = {
    "kind": frozenset(EntryKind),
    "status": frozenset(Status),
}

Scan: TypeAlias = Callable[[str, str, OwnData], Iterator[Find]]


def scan_run(folder: Path, own: OwnData | None = None) -> Iterator[Find]:
    """Look through a run's folder for what must not leave the machine, or is not a run's.

    `own` is what the run's scores and its dataset hold; by default the ids of the scores.
    """
    known, members = own or own_data(scored_ids(folder)), scored_cases(folder)
    for path in sorted(folder.iterdir()):
        yield from scan_run_file(path, known, members)


def scan_run_file(path: Path, own: OwnData, members: frozenset[str]) -> Iterator[Find]:
    """Look through one file of a run's folder; `members` are the cases of its scores."""
    name = path.name
    shown = masked_key(name, own)
    if name == CACHE and path.is_dir() and not path.is_symlink():
        return
    yield from scan_leaf(name, shown, own)
    if path.is_symlink() or not path.is_file():
        yield Find(shown, "is no file that a run writes")
    elif path.stat().st_size > LARGEST:
        yield Find(shown, f"is larger than {LARGEST // 2**20} MB")
    elif name == SCORES:
        yield from _scan_scores(path, own)
    elif name == "plane.png":
        yield from (Find(name, what) for what in not_a_plot(path.read_bytes()))
    elif scan := _scan_of(name, members):
        yield from _scan_text(path, scan, own)
    else:
        kind = format_of(path.read_bytes())
        yield Find(shown, f"is no file that a run writes{f'; it is {kind}' if kind else ''}")


def scored_ids(folder: Path) -> frozenset[str]:
    """Return the ids in a run's scores; none where these cannot be read."""
    scores = read_run_scores(folder / SCORES)
    return frozenset() if isinstance(scores, str) else ids_of_scores(scores)


def scored_cases(folder: Path) -> frozenset[str]:
    """Return the cases of a run's scores; none where these cannot be read."""
    scores = read_run_scores(folder / SCORES)
    return frozenset() if isinstance(scores, str) else frozenset(scores["case"].to_pylist())


def _scan_of(name: str, members: frozenset[str]) -> Scan | None:
    """Return how a text file of a run is scanned; None for one that no run writes."""
    scans: Mapping[str, Scan] = {
        MANIFEST: scan_json,
        "leaderboard.json": scan_json,
        SUBSETS: partial(_scan_subsets, members=members),
        COSTS: partial(scan_csv, texts=("entry",)),
        CHECKS: partial(scan_csv, texts=("entry",)),
        "leaderboard.csv": scan_csv,
        "plane.svg": scan_svg,
        FAILURES: scan_plain,
    }
    return scans.get(name) or (scan_plain if _BOARD.fullmatch(name) else None)


def _scan_text(path: Path, scan: Scan, own: OwnData) -> Iterator[Find]:
    content = path.read_bytes()
    if problem := not_text(content):
        yield Find(path.name, problem)
    else:
        yield from scan(content.decode("utf-8"), path.name, own)


def _scan_scores(path: Path, own: OwnData) -> Iterator[Find]:
    """Scan the table of scores: its columns and types, the words in it, and what is beside it."""
    table = read_run_scores(path)
    if isinstance(table, str):
        yield Find(path.name, table)
        return
    for key in table.schema.metadata or {}:
        yield Find(path.name, f"metadata {masked_key(key.decode(errors='replace'), own)}")
    for name in table.schema.names:
        for text, row in _first_rows(table.column(name)):
            place = f"{path.name}: {name}, row {row}"
            for what in _faults_of_column(name, text, own):
                yield Find(place, what)


def read_run_scores(path: Path) -> Any:
    """Return a run's table of scores, or what is wrong with it."""
    import pyarrow as pa

    if not path.is_file():
        return "there is none"
    try:
        table = read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        return f"cannot be read as Parquet: {str(error).splitlines()[0]}"
    if table.schema.equals(SCHEMA):
        return table
    return f"has the columns {', '.join(map(_shown, table.schema.names))}, or types, of no run"


def _shown(name: str) -> str:
    return name if name in SCHEMA.names else "another"


def _first_rows(column: Any) -> Iterator[tuple[str, int]]:
    """Give every different text of a column with its first row, which counts from 1."""
    if str(column.type) != "string":
        return
    seen: set[str] = set()
    for row, text in enumerate(column.to_pylist(), 1):
        if text not in seen:
            seen.add(text)
            yield text, row


def _faults_of_column(name: str, text: str, own: OwnData) -> Iterator[str]:
    if name in _WORDS:
        if text not in _WORDS[name]:
            yield f"expected one of {', '.join(sorted(_WORDS[name]))}: {masked(text)}"
    elif name == "cluster":
        if _PATIENT.fullmatch(text) is None:
            yield f"expected a numbered patient: {masked(text)}"
    elif name in ("case", "reading"):
        yield from _faults_of_id(text)
    else:
        yield from faults(text, own)


def _faults_of_id(text: str) -> Iterator[str]:
    """Say why a text is no id: ids may be of any shape, but they are short and no sentences."""
    if len(text) > LONGEST_ID or not text.isprintable():
        yield f"is no id: {masked(text)}"
    yield from embedded(text)
    for sentence in report_sentences(text):
        yield f"a sentence of a radiology report: {masked(sentence)}"


def _scan_subsets(text: str, file: str, own: OwnData, *, members: frozenset[str]) -> Iterator[Find]:
    """Scan the subsets: names, each with cases of the scores."""
    try:
        content = json.loads(text, object_pairs_hook=_once)
        shown, cases = content.pop("shown"), content.pop("cases")
        listed = [*cases.items(), *((key, []) for key in content)]
        names = [str(name) for name in (*shown, *cases, *content)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield Find(file, "is not the JSON that a run writes")
        yield from scan_json(text, file, own)
        return
    for name in names:
        yield from scan_leaf(name, f"{file}: {masked_key(name, own)}", own)
    for key in content:
        yield Find(f"{file}: {masked_key(key, own)}", "is no key that a run writes")
    for name, ids in listed:
        place = f"{file}: cases[{json.dumps(masked_key(name, own))}]"
        for index, one in enumerate(ids if isinstance(ids, list) else [ids]):
            if one not in members:
                yield Find(f"{place}[{index}]", f"no case of the scores: {masked(str(one))}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of which every key is given once."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)
