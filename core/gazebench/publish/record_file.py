"""The file of a record: JSON that reads well in a review, sealed, held to a published schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from gazebench.errors import RecordError
from gazebench.publish.allow import encode
from gazebench.publish.documents import (
    AGAIN,
    SEAL,
    broken_seal,
    read_document,
    schema_problems,
    sealed,
)
from gazebench.publish.migrations import migrated
from gazebench.publish.record import SCHEMA, Record
from gazebench.publish.record_types import decode, definitions, without_defaults

FORMAT = "gazebench-record"
DIGITS = 7  # significant; what lies beyond differs between processors
LINE = 100  # columns; only a cell may be longer
CELLS = "cells"  # whose every value stands on a line of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record that was read from its file.

    Attributes:
        sha256: of its content, as its file states it, in whichever schema that is.
    """

    record: Record
    path: Path
    sha256: str


def record_document(record: Record) -> dict[str, Any]:
    """Return a record as JSON values, without what is left out by default, sealed.

    Raises:
        RecordError: it holds something that must not be published.
    """
    content = _rounded(without_defaults(record, encode(record)))
    return sealed({"format": FORMAT, "schema": SCHEMA, **content})


def record_text(record: Record) -> str:
    """Return what stands in a record's file: the same text for the same record, always.

    Raises:
        RecordError: it holds something that must not be published.
    """
    return f"{_laid_out(record_document(record), 0)}\n"


def as_stated(record: Record) -> Record:
    """Return a record as its file will state it: every number rounded.

    Raises:
        RecordError: it holds something that must not be published.
    """
    return record_of(record_document(record), f"the record {record.name}")


def read_record(path: Path) -> StoredRecord:
    """Read a record and hold it to its schema, its hash and the list of what may be published.

    Raises:
        RecordError: whatever is wrong with it; names the file and the place in it.
    """
    where = str(path)
    file = read_document(path)
    document = migrated(file, where)
    problem = next(schema_problems(without_alike_cells(document), record_schema()), None)
    if problem is not None:
        raise RecordError(f"{where} is no record: {problem}", do=AGAIN)
    altered = broken_seal(document, where)
    if altered:
        raise RecordError(altered, do=AGAIN)
    record = record_of(document, where)
    if f"{record.name}.json" != path.name:
        raise RecordError(
            f"{where} holds the record {record.name}", do=f"call the file {record.name}.json"
        )
    return StoredRecord(record=record, path=path, sha256=file[SEAL])


def without_alike_cells(document: Mapping[str, Any]) -> Any:
    """Return a document with one cell of each form: a validator takes seconds for thousands.

    Cells have one form when their keys, types and texts are the same, and no number of theirs is
    on another side of a bound that the schema has: then it says the same of all of them.
    """
    seen: set[Any] = set()

    def kept(value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            return [kept(part) for part in value]
        if not isinstance(value, dict):
            return value
        if key != CELLS:
            return {name: kept(part, name) for name, part in value.items()}
        return {name: cell for name, cell in value.items() if is_new(_form(cell))}

    def is_new(form: Any) -> bool:
        known = form in seen
        seen.add(form)
        return not known

    return kept(document)


def _form(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _form(part)) for key, part in value.items())
    if isinstance(value, list):
        return ("list", *map(_form, value))
    if isinstance(value, bool | str) or value is None:
        return type(value), value
    return type(value), value < 0, value < 1


def record_of(document: Mapping[str, Any], where: str) -> Record:
    """Return the record that a document of its schema stands for.

    Raises:
        RecordError: a text in it must not be published; names the place.
    """
    content = {k: v for k, v in document.items() if k not in ("format", "schema", SEAL)}
    record: Record = decode(Record, content)
    encode(record, where)
    return record


def record_schema() -> dict[str, Any]:
    """Return the published JSON Schema of the file."""
    text = resources.files(__package__).joinpath("record.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def made_schema() -> dict[str, Any]:
    """Return the JSON Schema that follows from the types of a record; the published one is it."""
    parts = definitions(Record)
    record = parts.pop(Record.__name__)
    sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"GazeBench record, schema {SCHEMA}",
        "description": "Aggregates and provenance of one run. `sha256` is of all other keys, as "
        "JSON with sorted keys and without spaces. What each key says: gazebench.publish.record.",
        **record,
        "required": ["format", "schema", *record["required"], SEAL],
        "properties": {
            "format": {"const": FORMAT},
            "schema": {"const": SCHEMA},
            **record["properties"],
            SEAL: sha256,
        },
        "$defs": parts,
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0  # no negative zero
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list) else value


def _laid_out(value: Any, indent: int, *, one_line: bool = False) -> str:
    """Write JSON with what is short on one line, and every cell on its own."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if one_line or not isinstance(value, dict | list) or not value:
        return text
    if indent + len(text) <= LINE and not (isinstance(value, dict) and CELLS in value):
        return text
    inner = " " * (indent + 1)
    if isinstance(value, list):
        parts = [_laid_out(part, indent + 1) for part in value]
    else:
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_part(key, part, indent + 1)}"
            for key, part in value.items()
        ]
    opening, closing = ("[", "]") if isinstance(value, list) else ("{", "}")
    return f"{opening}\n" + ",\n".join(f"{inner}{p}" for p in parts) + f"\n{' ' * indent}{closing}"


def _part(key: str, value: Any, indent: int) -> str:
    if key != CELLS or not isinstance(value, dict) or not value:
        return _laid_out(value, indent)
    inner = " " * (indent + 1)
    lines = [
        f"{inner}{json.dumps(name, ensure_ascii=False)}: {_laid_out(cell, 0, one_line=True)}"
        for name, cell in value.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{' ' * indent}}}"
