"""What a start of the command line may import; `tests/benchmarks/test_start_up.py` times it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

# Each of these costs more than the whole budget leaves, or is a plugin.
HEAVY = (
    "gazebench_plugins",
    "jaxtyping",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
    "timm",
    "torch",
)
LIGHT_COMMANDS = (
    ("--help",),
    ("--version",),
    ("run", "--help"),
    ("rank", "--help"),
    ("compare", "--help"),
    ("explain", "--help"),
    ("new", "--help"),
    ("publish", "--help"),
    ("verify", "--help"),
    ("export", "--help"),
    ("plugins", "--help"),
    ("plugins", "check", "--help"),
    ("plugins", "list"),
    ("plugins", "list", "--json"),
    ("dataset", "--help"),
)
TELL = """
import json, sys
from gazebench.cli.app import main
sys.argv = ["gazebench", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported(arguments: Sequence[str]) -> set[str]:
    """Return the top-level modules that a command imports."""
    done = subprocess.run(
        [sys.executable, "-c", TELL, *arguments], capture_output=True, text=True, check=False
    )
    modules = json.loads(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("arguments", LIGHT_COMMANDS, ids=" ".join)
def test_a_light_command_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Neither numbers nor frameworks nor plugins."""
    assert imported(arguments) & set(HEAVY) == set()
