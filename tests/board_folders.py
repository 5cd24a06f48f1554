"""Folders of boards as they lie in a repository, of few simulated scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from gazebench.publish.board_file import FILE, RECORDS, board_text
from gazebench.publish.case_scores_file import case_scores_file, case_scores_text
from gazebench.publish.join import BoardSettings
from gazebench.publish.record_file import as_stated, record_text
from gazebench.publish.submission import Submission
from submissions import SALT, settings


def write_board(
    folder: Path, submissions: Iterable[Submission], of: BoardSettings | None = None
) -> Path:
    """Write board.json and every record, with its case scores where it has any; return `folder`."""
    (folder / RECORDS).mkdir(parents=True, exist_ok=True)
    found = replace(of or settings(), name=folder.name)
    (folder / FILE).write_text(board_text(found, SALT), encoding="utf-8")
    for one in submissions:
        write_record(folder, one)
    return folder


def write_record(folder: Path, one: Submission) -> Path:
    """Write one record into a board's folder, as `publish` does; return its file."""
    record, path = one.record, folder / RECORDS / f"{one.name}.json"
    if one.case_scores is not None:
        beside = case_scores_text(one.case_scores)
        case_scores_file(path).write_text(beside.text, encoding="utf-8")
    path.write_text(record_text(as_stated(record)), encoding="utf-8")
    return path
