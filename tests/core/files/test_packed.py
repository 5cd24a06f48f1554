"""Gzipped files are unpacked as far as tables go."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gazebench.errors import BadFileError
from gazebench.files import packed


def test_what_was_packed_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n"))

    assert packed.unpacked(tmp_path / "a.csv") == packed.unpacked(tmp_path / "a.csv.gz")


@pytest.mark.parametrize(("size", "is_refused"), [(2**16, False), (2**16 + 1, True)])
def test_a_file_that_grows_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, is_refused: bool
) -> None:
    """At a limit that a test can reach."""
    monkeypatch.setattr(packed, "LARGEST", 2**16)
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(bytes(size)))

    if not is_refused:
        assert len(packed.unpacked(file)) == size
        return
    with pytest.raises(BadFileError, match="holds more than") as refused:
        packed.unpacked(file)

    assert refused.value.file == file
