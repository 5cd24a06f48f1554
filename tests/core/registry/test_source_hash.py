"""The hash of a plugin's code: what moves it and what does not."""

from __future__ import annotations

import importlib
import math
from pathlib import Path

import pytest

from gazebench.registry.source_hash import code_hash, file_hash

PACKAGE = {
    "__init__.py": "",
    "methods/__init__.py": "",
    "methods/one.py": "from fake_hashed.shared import helper\nfrom . import near\n",
    "methods/near.py": "import fake_hashed.far\n",
    "methods/neighbour.py": "from fake_hashed.shared import helper\n",
    "shared/__init__.py": "helper = 1\n",
    "far.py": "import numpy\n",
    "late.py": "def f():\n    from fake_hashed.methods import neighbour\n",
    "dynamic.py": "import importlib\nx = importlib.import_module('fake_hashed.' + 'far')\n",
}


@pytest.fixture
def package(site: Path) -> Path:
    """Write the package."""
    folder = site / "fake_hashed"
    for name, source in PACKAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    return folder


def hashed(module: str) -> str | None:
    """Hash a module of the package."""
    return code_hash([importlib.import_module(f"fake_hashed.{module}")])


@pytest.mark.parametrize(
    ("module", "edited", "moves"),
    [
        ("methods.one", "methods/one.py", True),
        ("methods.one", "methods/near.py", True),
        ("methods.one", "far.py", True),  # through near
        ("methods.one", "shared/__init__.py", True),
        ("methods.one", "methods/__init__.py", True),  # runs before the module does
        ("methods.one", "methods/neighbour.py", False),
        ("methods.one", "late.py", False),
        ("methods.neighbour", "methods/one.py", False),
        ("late", "methods/neighbour.py", True),  # imported inside a function
        ("dynamic", "methods/neighbour.py", True),  # a computed name may mean anything
    ],
)
def test_an_edit_moves_the_hashes_of_those_who_use_it(
    package: Path, module: str, edited: str, moves: bool
) -> None:
    """And of nobody else."""
    before = hashed(module)
    path = package / edited
    path.write_text(path.read_text() + "#\n")

    assert before is not None
    assert (hashed(module) != before) == moves


def test_the_hash_does_not_depend_on_where_the_code_lies(tmp_path: Path) -> None:
    """So that results from two machines can be compared."""
    elsewhere = tmp_path / "elsewhere.py"
    here = tmp_path / "deeper" / "elsewhere.py"
    here.parent.mkdir()

    assert file_hash(elsewhere, b"x = 1\n") == file_hash(here, b"x = 1\n")
    assert file_hash(elsewhere, b"x = 1\n") != file_hash(elsewhere, b"x = 2\n")


def test_a_single_file_is_hashed_with_the_neighbours_it_imports(tmp_path: Path) -> None:
    """Other files in its folder do not matter."""
    (tmp_path / "near.py").write_text("a = 1\n")
    (tmp_path / "other.py").write_text("a = 1\n")
    source, path = b"import near\n", tmp_path / "mine.py"
    before = file_hash(path, source)

    (tmp_path / "other.py").write_text("a = 2\n")
    assert file_hash(path, source) == before
    (tmp_path / "near.py").write_text("a = 2\n")
    assert file_hash(path, source) != before


def test_what_has_no_source_has_no_hash() -> None:
    """A compiled module cannot be keyed, so nothing of it may be cached."""
    assert code_hash([math]) is None
    assert code_hash([]) is None
