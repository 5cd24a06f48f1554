"""`board.json`: what a board is about, whatever its records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from gazebench.errors import RecordError
from gazebench.publish import texts
from gazebench.publish.allow import encode
from gazebench.publish.documents import newer_schema, read_document, schema_problems
from gazebench.publish.join import BoardSettings
from gazebench.publish.record import Protocol
from gazebench.publish.record_types import decode, without_defaults

FORMAT, SCHEMA = "gazebench-board", 1
FILE = "board.json"
RECORDS = "records"  # the folder beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBoard:
    """A board's settings and the salt of the names of its cases.

    Attributes:
        folder: of the board.
    """

    settings: BoardSettings
    salt: str
    folder: Path


def read_board(folder: Path) -> StoredBoard:
    """Read the settings of a board's folder.

    Raises:
        RecordError: the file is missing, malformed, or called otherwise than the folder.
    """
    path = folder / FILE
    document = read_document(path)
    newer = newer_schema(document, SCHEMA, str(path))
    if newer:
        raise RecordError(newer, do="install a later version of GazeBench")
    problem = next(board_problems(document, path), None)
    if problem is not None:
        raise RecordError(problem, do=f"correct {path}")
    name, folder_name = document["name"], folder.resolve().name
    if name != folder_name:
        raise RecordError(
            f"{path} is of the board {name}, and its folder is called {folder_name}",
            do="give both the same name",
        )
    try:
        settings = _settings(document)
    except RecordError as error:
        raise RecordError(f"{path}: {error.message}", do=f"correct {path}") from error
    return StoredBoard(settings=settings, salt=document["salt"], folder=folder)


def _settings(document: dict[str, Any]) -> BoardSettings:
    """Return settings of which every text may be shown: whoever edits them may slip.

    Raises:
        RecordError: one may not.
    """
    protocol = decode(Protocol, document["protocol"])
    encode(protocol, "protocol")
    return BoardSettings(
        name=document["name"],
        title=texts.prose(document["title"], "the board's title"),
        about=texts.prose(document["about"], "the board's text"),
        is_restricted=document["is_restricted"],
        protocol=protocol,
        versions={texts.name(n, "a metric"): v for n, v in document["versions"].items()},
        rank_by=texts.name_or_none(document["rank_by"], "rank_by"),
    )


def board_text(settings: BoardSettings, salt: str) -> str:
    """Return what stands in the file.

    Raises:
        RecordError: a text in it must not be published.
    """
    document = {
        "format": FORMAT,
        "schema": SCHEMA,
        "name": settings.name,
        "title": texts.prose(settings.title, "the board's title"),
        "about": texts.prose(settings.about, "the board's text"),
        "is_restricted": settings.is_restricted,
        "rank_by": settings.rank_by,
        "salt": salt,
        "protocol": without_defaults(settings.protocol, encode(settings.protocol, "protocol")),
        "versions": dict(settings.versions),
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def board_problems(document: dict[str, Any], path: Path) -> Iterator[str]:
    """Yield what is wrong with the document of a board."""
    for problem in schema_problems(document, board_schema()):
        yield f"{path} describes no board: {problem}"


def board_schema() -> dict[str, Any]:
    """Return the published JSON Schema of the file."""
    text = resources.files(__package__).joinpath("board.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
