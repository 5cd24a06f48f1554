"""The public API, seen by a type checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_plugin_author_is_understood_by_mypy() -> None:
    """Right use passes under --strict, and every planted mistake is found."""
    pytest.importorskip("mypy", reason="mypy is a development tool")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/typing/plugin_author.py"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
