"""The file of a record: written, read back, and refused when it is not what was written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from boards import AUC, KL
from gazebench.errors import RecordError
from gazebench.publish.documents import schema_problems, sealed
from gazebench.publish.record import Origin, Publication, Record
from gazebench.publish.record_file import (
    as_stated,
    made_schema,
    read_record,
    record_document,
    record_of,
    record_schema,
    record_text,
)
from gazebench.spec.board import Cell, Interval, JoinedRow, RankInterval, Verdict
from small_records import HASH, small_board, small_record

NUMBER = st.floats(-2, 2).map(lambda x: float(f"{x:.7g}") + 0.0)
CELLS = st.builds(
    Cell,
    score=st.none() | NUMBER,
    interval=st.none() | st.builds(Interval, low=NUMBER, high=NUMBER),
    fraction=st.none() | NUMBER,
    rank=st.none() | st.integers(1, 9),
    ranks=st.none() | st.builds(RankInterval, st.integers(1, 3), st.integers(3, 9)),
    like_a_reader=st.none() | st.sampled_from(Verdict),
    coverage=st.floats(0, 1).map(lambda x: float(f"{x:.7g}") + 0.0),
    n_images=st.integers(0, 99),
    n_rows=st.integers(0, 999),
    note=st.sampled_from(["", "1 of 9 maps is missing; Grüße"]),
)


def with_cell(record: Record, cell: Cell) -> Record:
    """Put a cell into the first row."""
    first, *others = record.board.subsets
    row = replace(first.rows[0], cells={m: cell for m in first.rows[0].cells})
    board = replace(record.board, subsets=(replace(first, rows=(row, *first.rows[1:])), *others))
    return replace(record, board=board)


@given(CELLS)
@settings(max_examples=50)
def test_a_record_comes_back_as_it_was(cell: Cell) -> None:
    """Nothing of a record is lost or changed by its file."""
    record = with_cell(as_stated(small_record()), cell)

    document = json.loads(record_text(record))

    assert record_of(document, "x") == record
    assert list(schema_problems(document, record_schema())) == []


def test_the_text_is_always_the_same(tmp_path: Path) -> None:
    """Reading and writing again changes no byte, and no line but a cell's is long."""
    made = small_record(small_board(AUC, KL), subset_sets={"all": HASH}, suppressed=("tiny",))
    record = as_stated(made)
    file = tmp_path / "small.json"
    file.write_text(record_text(record), "utf-8")

    again = read_record(file)

    assert again.record == record
    assert record_text(again.record) == file.read_text("utf-8")
    assert again.sha256 == record_document(record)["sha256"]
    lines = file.read_text("utf-8").splitlines()
    assert sum('"coverage"' in line for line in lines) == 2 * 4
    assert all(len(line) <= 130 for line in lines if '"coverage"' not in line)


def test_numbers_are_rounded_and_nothing_is_negative_zero() -> None:
    """Digits that differ between processors are not written."""
    cell = Cell(score=1 / 3, fraction=-0.0, coverage=1.0, n_images=9, n_rows=9)

    text = record_text(with_cell(small_record(), cell))

    assert '"score": 0.3333333, "fraction": 0.0' in text


def test_a_publication_is_a_record() -> None:
    """Numbers copied from a paper have no run."""
    paper = Publication(citation="Smith et al., MedIA 2020", url="https://x.org")
    record = as_stated(small_record(origin=Origin.PUBLICATION, run=None, publication=paper))

    assert (record.run, record.publication) == (None, paper)
    assert as_stated(record) == record


def test_the_published_schema_follows_from_the_types() -> None:
    """Who adds a field publishes it: write record.schema.json again."""
    Draft202012Validator.check_schema(record_schema())

    assert record_schema() == made_schema()


def changed(**changes: Any) -> dict[str, Any]:
    """Return a record's document with other values under a seal that fits them."""
    return sealed({**record_document(small_record()), **changes})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (changed(schema=2), "is of schema 2; this GazeBench reads up to 1"),
        (changed(schema=0), "is of schema 0, which this GazeBench cannot bring to 1"),
        (changed(format="gazebench-leaderboard"), "format: 'gazebench-record' was expected"),
        (changed(picture="iVBORw0KGgo"), "unknown key 'picture'"),
        (changed(title=7), "title: 7 is not of type 'string'"),
        (changed(name="other"), "holds the record other"),
        (changed(title="seen in study 50414267"), "title: holds"),
        ({**record_document(small_record()), "title": "x"}, "was altered after it was written"),
    ],
)
def test_what_is_no_record_is_refused(document: Any, message: str, tmp_path: Path) -> None:
    """Each fault has its own message, with the file and the place in it."""
    file = tmp_path / "small.json"
    file.write_text(json.dumps(document))

    with pytest.raises(RecordError) as caught:
        read_record(file)

    assert message in caught.value.message
    assert str(file) in caught.value.message


def test_no_record_gives_itself_a_badge() -> None:
    """What the board says of a row cannot stand in the record."""
    record = small_record()
    first, *others = record.board.subsets
    plain = first.rows[0]
    row = JoinedRow(
        entry=plain.entry,
        kind=plain.kind,
        rank=plain.rank,
        cells=plain.cells,
        record=record.name,
        badge="rerun",
    )
    board = replace(record.board, subsets=(replace(first, rows=(row, *first.rows[1:])), *others))

    with pytest.raises(RecordError, match=r"JoinedRow, expected a BoardRow"):
        record_document(replace(record, board=board))


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": "0.7"},
        {"score": True},
        {"n_images": 2.5},
        {"like_a_reader": "perhaps"},
        {"ranks": [0, 2]},
        {"ranks": [1, 2, 3]},
        {"interval": {"low": 0.1, "high": 0.2, "level": 0.95}},
        {"extra": 1},
    ],
)
def test_one_bad_cell_among_many_good_ones_is_found(wrong: dict[str, Any], tmp_path: Path) -> None:
    document = record_document(small_record())
    row = document["board"]["subsets"][0]["rows"][-1]
    row["cells"]["auc"] = {**row["cells"]["auc"], **wrong}
    path = tmp_path / f"{document['name']}.json"
    path.write_text(json.dumps(sealed(document)))

    with pytest.raises(RecordError, match=r"is no record: board\.subsets\[0\]\.rows\[\d\]\.cells"):
        read_record(path)
