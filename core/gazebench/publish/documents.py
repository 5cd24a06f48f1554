"""Published JSON files: read without trust, held to a schema, sealed by a hash of their content."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gazebench.engine.keys import content_key
from gazebench.errors import RecordError

SEAL = "sha256"  # the key under which a document carries the hash of all its other keys
LARGEST = 64 * 2**20  # bytes; a board of 100 entries with its case scores stays far below
DIGITS = 18  # of whole numbers; what is counted and every seed stays far below
AGAIN = "write it again with the command that made it"
PICTURES = {b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a picture"}
ARRAYS = {b"\x93NUMPY": "a numpy array", b"PK\x03\x04": "a zip archive", b"PAR1": "Parquet"}
PICKLES = {bytes([0x80, version]): "a Python pickle" for version in range(2, 6)}


def read_document(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RecordError: it cannot be read, is something else than JSON in UTF-8, is too large, gives a
            key twice, or holds half a character or a number that is not finite, or too large.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for, for ever
            raise RecordError(f"{path} is not a file", do="leave it out")
        if about.st_size > LARGEST:
            raise RecordError(f"{path} is larger than {LARGEST // 2**20} MB", do="leave it out")
        content = path.read_bytes()
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror or error}") from error
    return parse_document(content, str(path))


def parse_document(content: bytes, where: str) -> dict[str, Any]:
    """Read a JSON object from its bytes; see `read_document`."""
    for magic, what in {**PICTURES, **ARRAYS, **PICKLES}.items():
        if content.startswith(magic):
            raise RecordError(f"{where} is {what}, not JSON", do="leave it out")
    try:
        document = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_refused_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
        if rb"\u" in content:  # half a character cannot be written to any file
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        half = error.object[error.start].encode("unicode_escape").decode()
        raise RecordError(f"{where} holds {half}, which is half a character", do=AGAIN) from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise RecordError(f"{where} is not valid JSON: {error}", do=AGAIN) from error
    if not isinstance(document, dict):
        raise RecordError(f"{where} is a JSON {type(document).__name__}, not an object", do=AGAIN)
    return document


def seal_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document's content, whatever its layout and the order of keys."""
    return content_key({key: value for key, value in document.items() if key != SEAL})


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with its hash as the last key."""
    rest = {key: value for key, value in document.items() if key != SEAL}
    return {**rest, SEAL: content_key(rest)}


def broken_seal(document: Mapping[str, Any], where: str) -> str:
    """Say that a document is not as it was written; "" when it is."""
    stated, found = document.get(SEAL), seal_of(document)
    if stated == found:
        return ""
    return f"{where} was altered after it was written: it states SHA-256 {stated}, found {found}"


def schema_problems(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence per place where a document is not what its JSON Schema says."""
    from jsonschema import Draft202012Validator  # 60 ms, and only commands that read need it

    errors = Draft202012Validator(schema).iter_errors(document)
    for error in sorted(errors, key=lambda error: ([str(p) for p in error.path], error.message)):
        place = _place(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for key in sorted(error.instance.keys() - known.keys()):
                yield f"{place}unknown key {key!r}"
        else:
            yield f"{place}{_short(error.message)}"


def newer_schema(document: Mapping[str, Any], newest: int, where: str) -> str:
    """Say that a document was written by a later version of GazeBench; "" when it was not."""
    stated = document.get("schema")
    if isinstance(stated, int) and not isinstance(stated, bool) and stated > newest:
        return f"{where} is of schema {stated}; this GazeBench reads up to {newest}"
    return ""


def _place(path: Any) -> str:
    text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
    return f"{text}: " if text else ""


def _short(message: str, most: int = 160) -> str:
    return message if len(message) <= most else f"{message[:most]} ..."


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} is given twice")
        found[key] = value
    return found


def _refused_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _whole(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError(f"{text[:DIGITS]}... is too large a number")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large a number")
    return number
