from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

import plants
from gazebench.errors import RecordError
from gazebench.publish.allow import RULES, encode
from gazebench.publish.record import Record
from gazebench.spec.values import (
    Box,
    Case,
    Ellipse,
    Fixations,
    LabelledMask,
    Points,
    Reading,
    ScoreRow,
    Size,
    Word,
)
from published import full_record

FIXATIONS = Fixations(
    x=np.zeros(1),
    y=np.zeros(1),
    start_s=np.zeros(1),
    end_s=np.ones(1),
    sigma_x=np.ones(1),
    sigma_y=np.ones(1),
    shown=np.zeros((1, 4), np.int64),
)
READING = Reading(id="r")


@dataclass(frozen=True)
class Stranger:
    """A dataclass that no rule knows."""

    score: float = 0.5


class Text(str):
    """A text that carries more than its characters."""


NEVER = [
    Case(id="c", size=Size(2, 2), readings=(READING,), expected_readings=1),
    READING,
    FIXATIONS,
    Ellipse(Box(0, 0, 1, 1), 5, ("Mass",)),
    LabelledMask(np.zeros((2, 2), np.bool_)),
    Points(np.zeros(1, np.intp), np.zeros(1, np.intp)),
    Word("effusion", 0.0, 1.0),
    ScoreRow(
        dataset="d",
        case="c",
        reading="r",
        entry="e",
        kind="entry",  # type: ignore[arg-type]
        seed=0,
        metric="m",
        value=0.5,
    ),
    np.zeros((2, 2)),
    np.zeros(3),
    np.float32(0.5),
    np.int64(3),
    torch.zeros(2),
    pa.table({"case": ["c"]}),
    Image.new("L", (2, 2)),
    Path("somewhere"),
    Stranger(),
    io.BytesIO(b"x"),
    b"\x89PNG",
    bytearray(b"x"),
    memoryview(b"x"),
    Text("x"),
    object(),
    {1, 2},
    float("nan"),
    float("inf"),
    -1,
]


def test_a_full_record_is_encoded_to_json_and_nothing_of_it_is_lost() -> None:
    encoded = encode(full_record())

    assert isinstance(encoded, dict)
    assert list(encoded) == [one.name for one in fields(Record)]
    assert encoded == json.loads(json.dumps(encoded, allow_nan=False))
    subsets = encoded["board"]["subsets"]  # type: ignore[index, call-overload]
    assert subsets[0]["rows"][2]["cells"]["m"]["ranks"] == [1, 2]  # type: ignore[index, call-overload]


@pytest.mark.parametrize("value", NEVER, ids=lambda v: type(v).__name__)
def test_what_is_no_record_type_cannot_be_encoded(value: object) -> None:
    with pytest.raises(RecordError) as refused:
        encode(value)

    assert refused.value.exit_code == 6


@pytest.mark.parametrize("value", NEVER, ids=lambda v: type(v).__name__)
def test_no_place_of_a_record_accepts_what_is_no_record_type(value: object) -> None:
    """Every field, item and value of the record is replaced in turn."""
    places = 0
    for changed, _ in _replacements(full_record(), value):
        places += 1
        with pytest.raises(RecordError):
            encode(changed)

    assert places > 200


def test_every_field_of_every_record_type_has_a_rule_and_no_other() -> None:
    for kind, rules in RULES.items():
        assert is_dataclass(kind)
        assert [one.name for one in fields(kind)] == list(rules)


def test_a_new_field_without_a_rule_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = {name: rule for name, rule in RULES[Record].items() if name != "title"}
    monkeypatch.setitem(RULES, Record, lacking)  # type: ignore[arg-type]

    with pytest.raises(RecordError, match=r"record\.title: no rule"):
        encode(full_record())


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda r: replace(r, title="of P102R472132"), "record.title"),
        (
            lambda r: replace(r, board=replace(r.board, not_applicable={"x/y": "p10000032 lacks"})),
            'record.board.not_applicable["x/y"]',
        ),
        (
            lambda r: replace(r, board=replace(r.board, notices=("", "The heart is enlarged."))),
            "record.board.notices[1]",
        ),
        (lambda r: replace(r, entries={"10000032": r.entries["uniform"]}), "record.entries: key 1"),
        (lambda r: replace(r, name="Of Mine"), "record.name"),
        (lambda r: replace(r, case_scores="abc"), "record.case_scores"),
    ],
)
def test_a_refusal_names_the_place(change: Any, place: str) -> None:
    with pytest.raises(RecordError) as refused:
        encode(change(full_record()))

    assert refused.value.message.startswith(f"{place}: ")


def _replacements(value: Any, other: object) -> Iterator[tuple[Any, str]]:
    """Give every copy of a value in which one part, at any depth, is another."""
    if is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            for changed, where in _changed(getattr(value, one.name), other):
                yield replace(value, **{one.name: changed}), f"{one.name}{where}"


def _changed(value: Any, other: object) -> Iterator[tuple[Any, str]]:
    yield other, ""
    if isinstance(value, Mapping):
        for key, item in value.items():
            for changed, where in _changed(item, other):
                yield MappingProxyType({**value, key: changed}), f"[{key}]{where}"
    elif type(value) is tuple:
        for place, item in enumerate(value):
            for changed, where in _changed(item, other):
                yield (*value[:place], changed, *value[place + 1 :]), f"[{place}]{where}"
    else:
        yield from _replacements(value, other)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_planted_in_a_text_of_a_record_is_encoded(seed: int) -> None:
    """Every text and key of the record, each with some of everything that must not leave."""
    rng = random.Random(seed)
    hidden = list(plants.texts(rng))
    texts = [changed for changed, found in _texts(full_record()) if found]
    assert len(texts) > 40
    for place in texts:
        with pytest.raises(RecordError):
            encode(place(rng.choice(hidden)))


def _texts(record: Record) -> Iterator[tuple[Callable[[str], Record], bool]]:
    """Give, for every text of a record and for keys, what puts another one there."""
    marks = [changed for changed, _ in _replacements(record, "a mark")]
    for changed in marks:
        yield partial(_put, changed), _accepts_text(changed)


def _accepts_text(changed: Record) -> bool:
    """Whether the place that was marked is one for texts."""
    try:
        encode(changed)
    except RecordError as error:
        return "expected" not in error.message
    return True


def _put(changed: Any, text: str) -> Any:
    """Return a value with its mark replaced."""
    if changed == "a mark":
        return text
    if is_dataclass(changed) and not isinstance(changed, type):
        parts = {one.name: _put(getattr(changed, one.name), text) for one in fields(changed)}
        return replace(changed, **parts)
    if isinstance(changed, Mapping):
        return {key: _put(item, text) for key, item in changed.items()}
    if type(changed) is tuple:
        return tuple(_put(item, text) for item in changed)
    return changed
