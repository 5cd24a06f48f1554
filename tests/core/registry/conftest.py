"""A folder that acts as site-packages for made-up distributions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_distributions import on_path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """An empty folder on sys.path; what is imported from it is forgotten after the test."""
    folder = tmp_path / "site"
    folder.mkdir()
    with on_path(folder):
        yield folder
