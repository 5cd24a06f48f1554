"""Records of earlier schemas: a chain of steps, tried with steps that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gazebench.errors import RecordError
from gazebench.publish.documents import broken_seal, schema_problems, sealed
from gazebench.publish.migrations import MIGRATIONS, Migration, migrated
from gazebench.publish.record import SCHEMA
from gazebench.publish.record_file import record_document, record_of, record_schema
from small_records import small_record


def titled(content: dict[str, Any]) -> dict[str, Any]:
    """Call what was the headline the title."""
    headline = content.pop("headline")
    return {**content, "title": headline}


def shorter(content: dict[str, Any]) -> dict[str, Any]:
    """Drop a key, in place as a careless step would."""
    del content["mood"]
    return content


FIRST = SCHEMA  # of two made-up schemas before one that is called the newest
NEWEST = SCHEMA + 2
STEPS: Mapping[int, Migration] = {FIRST: shorter, FIRST + 1: titled}


def old(schema: int) -> dict[str, Any]:
    """Return a record as it would be in the made-up schemas: with a headline, and a mood."""
    document = {**record_document(small_record()), "schema": schema}
    if schema < NEWEST:
        document["headline"] = document.pop("title")
    if schema == FIRST:
        document["mood"] = {"is": "good"}
    return sealed(document)


@pytest.mark.parametrize("schema", [FIRST, FIRST + 1])
def test_an_old_record_becomes_one_of_today(schema: int) -> None:
    """Step by step; it says where it came from, and is whole."""
    document = old(schema)
    before = sealed(document)

    found = migrated(document, "x", newest=NEWEST, migrations=STEPS)

    assert found["schema"] == NEWEST
    assert broken_seal(found, "x") == ""
    assert list(schema_problems({**found, "schema": SCHEMA}, record_schema())) == []
    record = record_of(found, "x")
    assert record.migrated_from == schema
    assert record.title == small_record().title
    assert document == before  # the file's own content is nobody's to change


def test_a_record_of_today_comes_back_as_it_is() -> None:
    """Nothing is added to it."""
    document = record_document(small_record())

    assert migrated(document, "x") is document
    assert migrated(document, "x", newest=SCHEMA, migrations=STEPS) is document


def test_every_step_that_exists_leads_to_the_schema_of_today() -> None:
    """No gap, and none from today's schema on."""
    assert sorted(MIGRATIONS) == list(range(SCHEMA - len(MIGRATIONS), SCHEMA))


@pytest.mark.parametrize(
    ("document", "message", "do"),
    [
        (old(NEWEST + 1), "reads up to", "install a later version of GazeBench"),
        (old(FIRST - 1), f"no step leads on from {FIRST - 1}", "publish the run again"),
        (old(-(10**12)), "no step leads on from", "publish the run again"),
        ({**old(FIRST), "headline": "x"}, "was altered after it was written", "write it"),
    ],
)
def test_what_cannot_be_migrated_is_refused(
    document: dict[str, Any], message: str, do: str
) -> None:
    """Each with its own message, and what to do."""
    with pytest.raises(RecordError, match=message) as caught:
        migrated(document, "records/x.json", newest=NEWEST, migrations=STEPS)

    assert "records/x.json" in caught.value.message
    assert do in (caught.value.do or "")


@pytest.mark.parametrize("schema", [None, "1", True, 1.0, [1]])
def test_what_is_no_schema_is_left_to_the_check_against_the_schema(schema: Any) -> None:
    """It says what it expected."""
    document = {**record_document(small_record()), "schema": schema}

    assert migrated(document, "x", newest=NEWEST, migrations=STEPS) is document
