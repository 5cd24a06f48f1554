"""The wheel holds everything, and only that."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomli

REPOSITORY = Path(__file__).resolve().parents[2]
ROOTS = ("core/gazebench", "plugins/gazebench_plugins")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel of the checkout."""
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_every_file_of_both_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """An unanchored line in .gitignore would leave code out without an error."""
    expected = {
        str(path.relative_to(REPOSITORY / root.partition("/")[0]))
        for root in ROOTS
        for path in (REPOSITORY / root).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    found = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert found == expected


def test_the_wheel_declares_the_entry_points_of_the_project(wheel: zipfile.ZipFile) -> None:
    """Every group and name of pyproject.toml."""
    project = tomli.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    (name,) = (n for n in wheel.namelist() if n.endswith("/entry_points.txt"))
    text = wheel.read(name).decode()

    for group, entries in project["entry-points"].items():
        assert f"[{group}]" in text
        for public, value in entries.items():
            assert f"{public} = {value}" in text


def test_gitignore_lines_are_anchored() -> None:
    """Or name what is never source: caches and compiled files."""
    never_source = {"__pycache__/", "*.py[cod]", "*.egg-info/", "*.pyc"}
    lines = (REPOSITORY / ".gitignore").read_text().splitlines()

    loose = {line for line in lines if line and not line.startswith(("/", "#", "!"))}

    assert {line for line in loose - never_source if not line.endswith("_cache/")} == set()
