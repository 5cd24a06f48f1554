"""The real command line, as a user runs it: a fresh process, its output and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def gazebench(
    *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `gazebench ARGUMENTS` with output captured; 100 columns wide, no colours."""
    plain = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", **(env or {})}
    return subprocess.run(
        [sys.executable, "-m", "gazebench", *map(str, arguments)],
        cwd=cwd,
        env=plain,
        capture_output=True,
        text=True,
        errors="surrogateescape",  # folders may have names that are no text
        timeout=550,
        check=False,
    )


def refused(
    *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a command that must fail; return its exit code and its message, free of tracebacks."""
    done = gazebench(*arguments, cwd=cwd, env=env)
    assert done.returncode != 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.returncode, done.stderr
