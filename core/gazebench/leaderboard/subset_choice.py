"""The subsets that a command was asked for, "all" among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gazebench.leaderboard.pool import ALL
from gazebench.leaderboard.scored_table import ScoredTable, TableRoles, read_scores
from gazebench.leaderboard.table_subsets import named_expression
from gazebench.registry.host import Host


def read_with_subsets(
    path: Path, host: Host, roles: TableRoles, wanted: Sequence[str]
) -> tuple[ScoredTable, tuple[str, ...]]:
    """Read scores with the subsets asked for, and return the names to show; none asked: none.

    `wanted` holds "all", names on offer and NAME=EXPRESSION.

    Raises:
        DataError: the table is missing, empty or malformed; names file and row.
        UsageError: an option that does not fit the table.
    """
    others = tuple(text for text in wanted if text != ALL)
    table = read_scores(path, host, replace(roles, subsets=others))
    return table, tuple(text if text == ALL else named_expression(text)[0] for text in wanted)


def subsets_to_analyse(table: ScoredTable) -> Mapping[str, frozenset[str]]:
    """Return the subsets to compare where none was asked for: the board's, and all whole ones.

    Parts of a plugin that has many (`finding:Edema`) are compared only when they are named.
    """
    whole = {name: cases for name, cases in table.others.items() if ":" not in name}
    return {**table.subsets, **whole}
