"""What the pages of a board are called, relative to its folder, and its menu."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gazebench.leaderboard.plane_figure import plane_of
from gazebench.leaderboard.pool import ALL
from gazebench.publish.site.file_names import file_stem
from gazebench.publish.standings import SignificanceMatrix, Standings

INDEX = "index.html"
GUIDE = "guide.html"  # beside the boards


class Link(NamedTuple):
    """A file, and what it is called."""

    href: str
    text: str


def subset_page(subset: str) -> str:
    """Return the page of a subset; all images have the board's own."""
    return INDEX if subset == ALL else f"subset-{file_stem(subset)}.html"


def heat_page(metric: str) -> str:
    """Return the page of a metric over all subsets."""
    return f"subsets-{file_stem(metric)}.html"


def pairs_page(metric: str) -> str:
    """Return the page of all pairs on a metric."""
    return f"pairs-{file_stem(metric)}.html"


def entry_page(entry: str) -> str:
    """Return the page of an entry."""
    return f"entry/{file_stem(entry)}.html"


def scores_file(subset: str) -> str:
    """Return the table of scores within a subset."""
    return f"data/scores-{file_stem(subset)}.csv"


def heat_file(metric: str) -> str:
    """Return the table of a metric over all subsets."""
    return f"data/subsets-{file_stem(metric)}.csv"


def pairs_file(metric: str) -> str:
    """Return the table of all pairs on a metric."""
    return f"data/pairs-{file_stem(metric)}.csv"


PLANE, CHECKS, RECORDS = "plane.html", "checks.html", "records.html"
PLANE_FILE, ENTRIES_FILE, RECORDS_FILE = "data/plane.csv", "data/entries.csv", "data/records.csv"


def menu(standings: Standings) -> Iterator[Link]:
    """Yield the parts of a board that there are."""
    ranking = standings.board.rank_by
    yield Link(INDEX, "Leaderboard")
    if len(standings.board.subsets) > 1:
        yield Link(heat_page(ranking), "Subsets")
    matrices = shown_matrices(standings)
    if matrices:
        yield Link(pairs_page(matrices[0].metric), "Pairs")
    if plane_of(standings.board) is not None:
        yield Link(PLANE, "Faithfulness")
    if has_checks(standings):
        yield Link(CHECKS, "Checks and cost")
    yield Link(RECORDS, "Records")


def shown_matrices(standings: Standings) -> tuple[SignificanceMatrix, ...]:
    """Return the matrices that hold a pair, the ranking metric's first."""
    found = [matrix for matrix in standings.matrices if len(matrix.entries) > 1]
    ranking = standings.board.rank_by
    return tuple(sorted(found, key=lambda matrix: matrix.metric != ranking))


def has_checks(standings: Standings) -> bool:
    """Return whether anybody's costs or gaming checks are known."""
    facts = [row.facts for row in standings.rows.values()]
    return any(one.cost is not None or one.checks is not None for one in facts)


def metric_anchor(metric: str) -> str:
    """Return where the guide explains a metric."""
    return f"metric-{file_stem(metric)}"
