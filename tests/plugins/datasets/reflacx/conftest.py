"""A tiny REFLACX on disk, new for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

import tiny_reflacx


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """REFLACX beside MIMIC-CXR-JPG."""
    tiny_reflacx.write_reflacx(tmp_path / "reflacx")
    tiny_reflacx.write_mimic(tmp_path / "mimic")
    return tmp_path


@pytest.fixture
def main_data(root: Path) -> Path:
    """The folder with the tables and one folder per reading."""
    return root / "reflacx" / "main_data"
