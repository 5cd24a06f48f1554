"""Measure every benchmark beside its peers in one run, and report the ratios as a table.

    python tests/benchmarks/report.py [--write docs/benchmarks.md] [pytest arguments]

Within a group of benchmarks, one that names what it is `beside` (in its `extra_info`) is a peer;
its fastest round is divided by the fastest of ours on the same inputs. `times` says how often a
peer that did only a part would have to be repeated.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def main() -> int:
    """Run the benchmarks, print the table, and put it into a page where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", type=Path, help="a page with the two markers to write between")
    options, rest = parser.parse_known_args()
    measured = measure(rest)
    table = "\n".join(report(measured)) + "\n"
    sys.stdout.write(table)
    if options.write:
        write_between(options.write, table)
    return 0


def measure(arguments: Sequence[str]) -> dict[str, Any]:
    """Run the benchmarks and return what pytest-benchmark writes about them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measured.json"
        command = [
            sys.executable, "-m", "pytest", str(FOLDER), "--benchmark-only", "--benchmark-quiet",
            "-q", f"--benchmark-json={path}", *arguments,
        ]  # fmt: skip
        done = subprocess.run(command, check=False)
        if not path.is_file():
            raise SystemExit(done.returncode or 1)
        found: dict[str, Any] = json.loads(path.read_text())
        if done.returncode:
            sys.stdout.write("some benchmarks failed; the table holds the others\n\n")
        return found


def report(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a Markdown table: one line per peer, the range of ratios over inputs."""
    yield f"Measured on {machine()}; ours: one thread unless it says otherwise."
    yield ""
    yield "| what | ours | beside | theirs | ratio |"
    yield "|---|---:|---|---:|---:|"
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in measured["benchmarks"]:
        groups.setdefault(one["group"] or "", []).append(one)
    for group, members in sorted(groups.items()):
        peers: dict[str, list[dict[str, Any]]] = {}
        for one in members:
            if "beside" in one["extra_info"]:
                peers.setdefault(one["extra_info"]["beside"], []).append(one)
        for name, theirs in peers.items():
            yield _line(group, name, theirs, members)


def _line(
    group: str, name: str, theirs: Sequence[dict[str, Any]], members: Sequence[dict[str, Any]]
) -> str:
    pairs = [
        (_seconds(ours), _seconds(peer))
        for peer in theirs
        for ours in members
        if "beside" not in ours["extra_info"] and _same_input(ours, peer)
    ]
    ratios = sorted(peer / ours for ours, peer in pairs)
    low, high = (f"{value:,.3g}" for value in (ratios[0], ratios[-1]))
    ratio = low if low == high else f"{low} to {high}"
    fast, slow = (_range([pair[side] for pair in pairs]) for side in (0, 1))
    return f"| {group} | {fast} | {name} | {slow} | {ratio} |"


def _same_input(ours: dict[str, Any], peer: dict[str, Any]) -> bool:
    """Say whether two benchmarks share every parameter that both have."""
    a, b = ours["params"] or {}, peer["params"] or {}
    return all(a[key] == b[key] for key in a.keys() & b.keys())


def _seconds(one: dict[str, Any]) -> float:
    return float(one["stats"]["min"]) * float(one["extra_info"].get("times", 1.0))


def _range(seconds: Sequence[float]) -> str:
    low, high = _spoken(min(seconds)), _spoken(max(seconds))
    return low if low == high else f"{low} to {high}"


def _spoken(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def machine() -> str:
    """Name the processor and how much of it there is."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.is_file() else ""
    found = re.search(r"model name\s*:\s*(.+)", text)
    name = found[1].strip() if found else platform.processor() or platform.machine()
    wide = ", AVX-512" if "avx512f" in text else ""
    return f"{os.cpu_count()} cores of {name}{wide}, Python {platform.python_version()}"


def write_between(page: Path, table: str) -> None:
    """Put the table between the two markers of a page."""
    text = page.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{page} does not hold {BEGIN} and {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{table}{END}{after}", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
