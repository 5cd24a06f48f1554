from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.errors import RunError
from gazebench.training.files import claim, write_atomically


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("old")

    def tear(partial: Path) -> None:
        partial.write_text("ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match="No space left on device"):
        write_atomically(path, tear)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("log.jsonl", "old")]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="cannot write to the output folder"):
        claim(tmp_path / "file" / "out")


def test_claiming_leaves_nothing_behind(tmp_path: Path) -> None:
    claim(tmp_path / "new" / "out")

    assert list((tmp_path / "new" / "out").iterdir()) == []
