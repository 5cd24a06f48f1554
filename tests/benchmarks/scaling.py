"""What a run costs against cases, pixels, readings, entries and workers, as tables for the docs.

    python tests/benchmarks/scaling.py [--write docs/scaling.md]

Every line is one `gazebench run` in a process of its own on made-up films; stages are what the run
measured itself (`gazebench explain RUN --timing`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from report import machine, write_between

STAGES = ("gaze", "decoding", "attribution", "scoring", "board")
CAMS = ("gradcam", "gradcam_plus_plus", "xgradcam", "hirescam", "layercam", "eigencam", "saliency",
        "input_x_gradient")  # fmt: skip
SMALL, LARGE = "640x528", "3056x2544"


class Line(NamedTuple):
    """One run: what was varied, and what it took."""

    varied: str
    wall: float
    cpu: float
    peak_gb: float
    stages: dict[str, float]


def main() -> int:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", type=Path, help="a page with the two markers to write between")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gazebench-scaling-") as folder:
        lines = []
        for line in tables(Path(folder)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            lines.append(line)
    text = "\n".join(lines) + "\n"
    if options.write:
        write_between(options.write, text)
    return 0


def tables(folder: Path) -> Iterator[str]:
    """Yield one table per thing that is varied."""
    yield f"Measured on {machine()}."
    small = "--dataset-option", f"size={SMALL}"
    yield from table(
        f"Cases (5 readings, {SMALL}, 10 entries, 4 metrics)",
        [run(folder, str(n), *small, "--dataset-option", f"cases={n}") for n in (24, 96, 192)],
    )
    few = "--dataset-option", "cases=12"
    sizes = ("256x224", SMALL, "1528x1272", LARGE)
    yield from table(
        "Pixels (12 cases)",
        [run(folder, size, "--dataset-option", f"size={size}", *few) for size in sizes],
    )
    yield from table(
        f"Methods (24 cases, {SMALL}, SonoNet, the mixing uniform)",
        [
            run(folder, str(n), *small, "--model", "sononet", "--mixing", "uniform",
                *(word for name in CAMS[:n] for word in ("--method", name)))
            for n in (1, 2, 4, 8)
        ],
    )  # fmt: skip
    yield from table(
        f"Processes (12 cases, {LARGE})",
        [
            run(folder, str(n), "--dataset-option", f"size={LARGE}", *few, "--workers", str(n))
            for n in (1, 2)
        ],
    )


def run(folder: Path, varied: str, *options: str) -> Line:
    """Make one run, and take it apart."""
    out = folder / f"run{len(list(folder.iterdir()))}"
    command = [sys.executable, "-m", "gazebench", "run", *options, "--out", str(out)]
    prepare = [*command[:-1], str(folder / "plan"), "--dry-run"]  # makes the films, loads the code
    subprocess.run(prepare, check=True, capture_output=True)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    manifest = json.loads((out / "manifest.json").read_text())
    return Line(
        varied=varied,
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        peak_gb=used.ru_maxrss * 1024 / 1e9,
        stages=manifest["timings_s"],
    )


def table(title: str, lines: Sequence[Line]) -> Iterator[str]:
    """Yield a table as Markdown."""
    yield ""
    yield f"**{title}**"
    yield ""
    yield f"| | wall s | CPU s | memory GB | {' | '.join(STAGES)} |"
    yield "|---|---:|---:|---:|" + "---:|" * len(STAGES)
    for line in lines:
        stages = " | ".join(f"{line.stages.get(stage, 0.0):.1f}" for stage in STAGES)
        took = f"{line.wall:.1f} | {line.cpu:.1f} | {line.peak_gb:.2f}"
        yield f"| {line.varied} | {took} | {stages} |"


if __name__ == "__main__":
    sys.exit(main())
