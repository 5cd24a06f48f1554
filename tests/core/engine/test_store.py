"""Score rows as a table, and files that are whole or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.engine.store import SCHEMA, score_table, write_atomically, write_text
from gazebench.errors import RunError
from gazebench.spec import EntryKind, ScoreRow, Status


def row(case: str, value: float | None, status: Status = Status.OK) -> ScoreRow:
    return ScoreRow(
        dataset="d",
        case=case,
        reading="r",
        entry="e",
        kind=EntryKind.ENTRY,
        seed=0,
        metric="ncc",
        value=value,
        status=status,
        reason="" if value is not None else "constant",
    )


def test_rows_become_a_table_with_gaps() -> None:
    table = score_table([row("a", 0.5), row("b", None, Status.UNDEFINED)])

    assert table.schema == SCHEMA
    assert table.column("case").to_pylist() == ["a", "b"]
    assert table.column("value").to_pylist() == [0.5, None]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "board.md"
    write_text(path, "old")

    def fail(partial: Path) -> None:
        partial.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match="No space left on device"):
        write_atomically(path, fail)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["file/x", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="cannot write"):
        write_text(tmp_path / place, "text")
