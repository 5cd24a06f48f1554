"""The import contracts of pyproject.toml are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def test_imports_go_down_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Layers, plugins kept out of core, numbers without frameworks, pluggy in one place."""
    pytest.importorskip("importlinter", reason="import-linter is a development tool")
    from importlinter import cli

    monkeypatch.chdir(REPOSITORY)
    code = cli.lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True)

    assert code == os.EX_OK, capsys.readouterr().out
