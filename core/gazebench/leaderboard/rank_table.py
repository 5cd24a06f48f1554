"""A tidy table of scores becomes a board."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gazebench.leaderboard.aggregate import RESAMPLES, build_board
from gazebench.leaderboard.metric_facts import metric_facts
from gazebench.leaderboard.table_file import read_table
from gazebench.leaderboard.table_subsets import table_subsets
from gazebench.leaderboard.tidy import Roles, image_of_rows, tidy_scores
from gazebench.registry.host import Host
from gazebench.spec.board import Board
from gazebench.stats.intervals import IntervalKind

CEILINGS = frozenset({"interobserver", "ceiling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How to read a table and what to make of it.

    Attributes:
        interval: "bootstrap", "bca" or "paper".
        rank_by: the metric that orders the rows; None for the default.
        subsets: names on offer or NAME=EXPRESSION; empty for all on offer.
        metrics: declarations of metrics that no plugin gives, "NAME:higher,chance=0.5".
        ceiling: the entry that is the ceiling, where its name does not say so.
        floors: entries that are floors, where their names do not say so.
        image_columns: whose values together name an image; empty to find out.
        title: the dataset's name on the board; "" for the table's.
    """

    interval: str = IntervalKind.BOOTSTRAP
    rank_by: str | None = None
    subsets: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    ceiling: str | None = None
    floors: tuple[str, ...] = ()
    image_columns: tuple[str, ...] = ()
    title: str = ""
    resamples: int = RESAMPLES


def rank_table(path: Path, host: Host, options: TableOptions) -> Board:
    """Read a table of scores and build its board.

    Raises:
        DataError: the table is missing, empty or malformed; names file and row.
        UsageError: an option that does not fit the table.
    """
    file = read_table(path)
    roles = Roles(
        ceilings=CEILINGS,
        floors=frozenset(n for p in host.listed("floor") for n in (p.name, p.full_name)),
        ceiling=options.ceiling,
        also_floors=options.floors,
        image_columns=options.image_columns,
    )
    tidy = tidy_scores(file, roles)
    scored = sorted(set(tidy.scores.column("metric").to_pylist()))
    metrics = metric_facts(scored, options.metrics, host)
    images = image_of_rows(file, roles)
    return build_board(
        tidy.scores,
        metrics=metrics,
        interval=options.interval,
        rank_by=options.rank_by,
        subsets=table_subsets(file, images, tidy.extra, options.subsets),
        dataset=options.title or tidy.dataset or _stem(path),
        notices=tidy.notices,
        not_applicable={},
        resamples=options.resamples,
    )


def _stem(path: Path) -> str:
    name = path.resolve().name
    for suffix in (".gz", ".csv", ".tsv", ".parquet"):
        name = name.removesuffix(suffix)
    return name
