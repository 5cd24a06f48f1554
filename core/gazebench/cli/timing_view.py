"""Where a run's time went, stage by stage."""

from __future__ import annotations

import json
from pathlib import Path

from gazebench.errors import UsageError

STAGES = {
    "gaze": "gaze read and summed up",
    "hashing": "images read for their hashes",
    "decoding": "images decoded",
    "attribution": "networks and methods: maps made",
    "scoring": "densities, references and metrics",
    "assembling": "one table of all scores",
    "board": "intervals, ranks, files",
}


def print_timing(run: Path, *, as_json: bool) -> None:
    """Print the stages of a finished run.

    Raises:
        UsageError: there is no finished run.
    """
    from rich.console import Console
    from rich.table import Table

    from gazebench.cli.board_view import shown_plainly
    from gazebench.leaderboard.run_record import read_run_record

    record = read_run_record(run)
    if record is None or not record.is_finished:
        raise UsageError(
            f"{run} holds no finished run", do="give the folder that `gazebench run` wrote"
        )
    seconds = {str(k): float(v) for k, v in record.content.get("timings_s", {}).items()}
    attempt = record.content.get("attempt_s")
    console = Console(highlight=False)
    if as_json:
        text = json.dumps({"stages_s": seconds, "attempt_s": attempt}, indent=2)
        console.print(text, markup=False, soft_wrap=True)
        return
    whole = sum(seconds.values()) or 1.0
    table = Table(
        "stage", "", title=shown_plainly(f"Time of {run}"), title_justify="left", box=None
    )
    table.add_column("seconds", justify="right")
    table.add_column("share", justify="right")
    known = [name for name in STAGES if name in seconds]
    for name in [*known, *sorted(seconds.keys() - STAGES)]:
        share = f"{100 * seconds[name] / whole:.0f} %"
        table.add_row(name, STAGES.get(name, ""), f"{seconds[name]:.2f}", share)
    console.print(table)
    console.print(
        "Wall time of each stage, over all attempts and workers; making maps and scoring overlap."
    )
    if attempt is not None:
        console.print(f"The last attempt took {float(attempt):.1f} s.")
