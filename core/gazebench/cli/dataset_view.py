"""Facts about datasets on the screen: tables on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gazebench.spec.contracts import Problem


def print_json(content: object) -> None:
    """Print JSON, for machines."""
    print(json.dumps(content, indent=2))  # noqa: T201 - the answer itself


def print_rows(title: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Print records with the same keys."""
    if rows:
        _print(title, list(rows[0]), [list(row.values()) for row in rows])


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print what is known about one dataset; findings as a table of their own."""
    plain = {key: value for key, value in facts.items() if key != "findings"}
    _print(
        "Dataset", ["", ""], [[key, _spoken(v)] for key, v in plain.items() if v not in ("", [])]
    )
    findings = facts.get("findings")
    if findings:
        rows = [
            [label, str(n["present"]), str(n["of"]), f"{100 * n['present'] / n['of']:.1f} %"]
            for label, n in findings.items()
        ]
        _print("Findings", ["label", "present", "readings", "prevalence"], rows)


def print_problems(problems: Sequence[Problem]) -> None:
    """Print problems, fatal ones first."""
    rows = [
        [
            "fatal" if problem.is_fatal else "odd",
            problem.file if problem.row is None else f"{problem.file}:{problem.row}",
            problem.message,
        ]
        for problem in sorted(problems, key=lambda problem: not problem.is_fatal)
    ]
    _print("Problems", ["", "where", "what"], rows)


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row).rstrip())  # noqa: T201 - lines for pipes, never wrapped
        return
    table = Table(
        *columns, title=title, title_justify="left", show_header=any(columns), show_lines=False
    )
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    console.print(table)


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {count}" for key, count in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
