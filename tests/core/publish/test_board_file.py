"""The settings of a board, written and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gazebench.errors import RecordError
from gazebench.publish.board_file import board_schema, board_text, read_board
from gazebench.publish.join import BoardSettings
from gazebench.publish.record import Protocol
from small_records import HASH

SALT = "5f" * 16
SETTINGS = BoardSettings(
    name="nih_cxr",
    title="Boxes of the NIH",
    about="Chest x-rays; CC0.",
    is_restricted=False,
    protocol=Protocol(dataset="nih_cxr", case_set=HASH, cases=9, reference="regions"),
    versions={"sauc": 1, "ncc": 2},
    rank_by="ncc",
)


def written(folder: Path, **changes: Any) -> Path:
    """Write settings with other values into a board's folder."""
    board = folder / "nih_cxr"
    board.mkdir()
    document = {**json.loads(board_text(SETTINGS, SALT)), **changes}
    (board / "board.json").write_text(json.dumps(document))
    return board


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    """Nothing is lost, not even the order of the metrics; the schema is one."""
    board = written(tmp_path)

    found = read_board(board)

    assert found.settings == SETTINGS
    assert list(found.settings.versions) == ["sauc", "ncc"]
    assert (found.salt, found.folder) == (SALT, board)
    assert board_text(found.settings, found.salt) == board_text(SETTINGS, SALT)
    Draft202012Validator.check_schema(board_schema())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "is of schema 2; this GazeBench reads up to 1"),
        ({"owner": "me"}, "describes no board: unknown key 'owner'"),
        ({"salt": "short"}, "describes no board: salt: 'short' does not match"),
        ({"name": "other"}, "is of the board other, and its folder is called nih_cxr"),
        ({"protocol": {}}, "protocol: 'dataset' is a required property"),
        ({"about": "x\n# A heading\n<script>"}, "the board's text: holds a line break"),
        ({"title": "\u202eBoxes"}, "the board's title: holds a line break or a control character"),
        ({"protocol": {"dataset": "a\nb"}}, "protocol.dataset: "),
        ({"versions": {"x\ny": 1}}, "a metric: holds a line break"),
        ({"rank_by": "\u2028"}, "rank_by: holds a line break"),
    ],
)
def test_what_describes_no_board_is_refused(changes: Any, message: str, tmp_path: Path) -> None:
    """The file is named, and what is wrong in it."""
    with pytest.raises(RecordError) as caught:
        read_board(written(tmp_path, **changes))

    assert message in caught.value.message


def test_a_board_of_a_later_schema_asks_for_a_later_version(tmp_path: Path) -> None:
    """There is nothing to correct in the file."""
    with pytest.raises(RecordError) as caught:
        read_board(written(tmp_path, schema=2))

    assert caught.value.do == "install a later version of GazeBench"


def test_what_must_not_be_published_is_not_written() -> None:
    """A description is no place for identifiers."""
    with pytest.raises(RecordError, match="the board's text: holds"):
        board_text(replace(SETTINGS, about="see study 50414267"), SALT)
