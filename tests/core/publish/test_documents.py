"""Published JSON files, read without trust."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.errors import RecordError
from gazebench.publish.documents import (
    LARGEST,
    broken_seal,
    newer_schema,
    parse_document,
    read_document,
    schema_problems,
    sealed,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
DOCUMENTS = st.dictionaries(st.text("abcsh256", max_size=6), JSON, max_size=4)


@given(DOCUMENTS)
def test_a_sealed_document_holds_after_any_layout(document: dict[str, Any]) -> None:
    """Neither spaces nor the order of keys are content."""
    backwards = dict(reversed(sealed(document).items()))

    read = parse_document(json.dumps(backwards, indent=3).encode(), "x.json")

    assert broken_seal(read, "x.json") == ""


@given(DOCUMENTS, st.text("xyz", min_size=1, max_size=2), JSON)
def test_an_altered_document_is_noticed(document: dict[str, Any], key: str, value: Any) -> None:
    """One more key breaks the seal, and both hashes are named."""
    altered = {**sealed(document), key: value}

    assert "was altered after it was written" in broken_seal(altered, "x.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n....", "is a PNG picture, not JSON"),
        (b"\xff\xd8\xff\xe0....", "is a JPEG picture"),
        (b"\x93NUMPY\x01\x00", "is a numpy array"),
        (pickle.dumps({"a": 1}), "is a Python pickle"),
        (b"{", "is not valid JSON"),
        (b"\xff{}", "is not valid JSON"),
        (b"[1, 2]", "is a JSON list, not an object"),
        (b'{"a": 1, "a": 2}', "the key 'a' is given twice"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b'{"a": -Infinity}', "-Infinity is no number of JSON"),
        (b'{"a": 1e999}', "1e999 is too large a number"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'{"a": 1' + b"0" * 400 + b"}", "100000000000000000... is too large a number"),
        (b'{"a": ["x\\ud800y"]}', r"holds \ud800, which is half a character"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    """The file and what it is instead are named."""
    file = tmp_path / "record.json"
    file.write_bytes(content)

    with pytest.raises(RecordError) as caught:
        read_document(file)

    assert message in caught.value.message
    assert str(file) in caught.value.message


def test_a_missing_or_too_large_file_is_refused(tmp_path: Path) -> None:
    """Nothing of hundreds of megabytes is loaded."""
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(RecordError, match="is larger than 64 MB"):
        read_document(large)
    with pytest.raises(RecordError, match="cannot read"):
        read_document(tmp_path / "none.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders there")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "record.json"
    os.mkfifo(pipe)

    with pytest.raises(RecordError, match=r"record\.json is not a file"):
        read_document(pipe)


def test_problems_are_named_by_their_place() -> None:
    """An unknown key, a wrong type and a missing key stand with their path."""
    cell = {"type": "object", "properties": {"score": {"type": "number"}}, "required": ["score"]}
    cell["additionalProperties"] = False
    schema = {"type": "object", "properties": {"cells": {"type": "array", "items": cell}}}
    document = {"cells": [{"score": 1.0}, {"score": "high", "picture": "iVBOR"}, {}]}

    problems = list(schema_problems(document, schema))

    assert problems == [
        "cells[1]: unknown key 'picture'",
        "cells[1].score: 'high' is not of type 'number'",
        "cells[2]: 'score' is a required property",
    ]


@pytest.mark.parametrize(
    ("schema", "is_newer"), [(1, False), (2, True), (None, False), (True, False)]
)
def test_a_later_schema_is_recognised(schema: Any, is_newer: bool) -> None:
    """What a later version wrote is not guessed at."""
    assert bool(newer_schema({"schema": schema}, 1, "x.json")) is is_newer
