"""How long a start of the command line takes, beside typer itself: read the ratios in one run.

The budget is 250 ms. Measured on two quiet cores: typer alone 104 ms, `--help` and `plugins list`
184 to 192 ms. typer 0.29 imports pydantic for every option: 440 ms and more.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

COMMANDS = {
    "typer alone": [sys.executable, "-c", "import typer, typer.main"],
    "gazebench --help": [sys.executable, "-m", "gazebench", "--help"],
    "gazebench plugins list": [sys.executable, "-m", "gazebench", "plugins", "list"],
}


@pytest.mark.benchmark(group="start of the command line")
@pytest.mark.parametrize("name", list(COMMANDS))
def test_start(benchmark: Any, name: str) -> None:
    done = benchmark.pedantic(
        lambda: subprocess.run(COMMANDS[name], capture_output=True, check=True),
        rounds=10,
        warmup_rounds=1,
    )

    assert done.returncode == 0
