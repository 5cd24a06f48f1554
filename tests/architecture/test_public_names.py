"""Names: what is public exists, and nothing exists twice."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

import gazebench
import gazebench_plugins
from gazebench.registry.entrypoints import GROUPS, HOOK_GROUP
from gazebench.spec import hooks

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted(
    module.name
    for package in (gazebench, gazebench_plugins)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__") and ".scaffold" not in module.name
)


@pytest.mark.parametrize("name", ["gazebench", *MODULES])
def test_every_public_name_exists(name: str) -> None:
    """Every module imports, and what `__all__` promises is there."""
    module = importlib.import_module(name)

    missing = [public for public in getattr(module, "__all__", ()) if not hasattr(module, public)]

    assert missing == []


@pytest.mark.parametrize("name", ["gazebench", "gazebench.spec"])
def test_public_names_are_sorted_and_single(name: str) -> None:
    """So that a diff shows what became public; `dir` shows it too."""
    names = importlib.import_module(name).__all__

    assert len(set(names)) == len(names)
    assert set(names) <= set(dir(importlib.import_module(name)))


def test_a_public_function_and_a_package_never_share_a_name() -> None:
    """`gazebench.run()` would stop being callable once `gazebench/run/` is imported."""
    submodules = {name.partition(".")[2] for name in MODULES if name.startswith("gazebench.")}

    assert set(gazebench.__all__) & submodules == set()


def test_every_file_is_one_module() -> None:
    """A folder on the path twice, or under two names, would load a file as two modules."""
    program = (
        "import importlib, sys\n"
        f"for name in {MODULES!r}: importlib.import_module(name)\n"
        "files = [m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)]\n"
        "ours = [f for f in files if 'gazebench' in f and '__main__' not in f]\n"
        "assert len(ours) == len(set(ours)), sorted(f for f in ours if ours.count(f) > 1)\n"
        "assert not {'core', 'plugins'} & set(sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "entry",
    [
        e
        for e in distribution("gazebench").entry_points
        if e.group in (HOOK_GROUP, *GROUPS.values(), "console_scripts")
    ],
    ids=lambda entry: f"{entry.group}:{entry.name}",
)
def test_every_entry_point_names_something(entry: importlib.metadata.EntryPoint) -> None:
    """What the manifest declares can be loaded."""
    assert callable(entry.load()) or hasattr(entry.load(), "function")


def test_every_hook_is_documented() -> None:
    """When it is called, what it returns and what an error does, in its docstring."""
    for name, hook in vars(hooks).items():
        if name.startswith("gazebench_"):
            page = hook.__doc__ or ""
            assert "Called" in page, name
            assert "return" in page.lower(), name
            assert "raises" in page or "error" in page, name
