"""Every page and table of one board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gazebench.leaderboard.plane_figure import Plane, plane_of
from gazebench.publish.site import downloads, links
from gazebench.publish.site.entry_pages import entry_views
from gazebench.publish.site.heat_pages import has_fractions, heat_rows
from gazebench.publish.site.pairs_pages import READABLE, drawn, pairs_rows
from gazebench.publish.site.plane_page import NUMBERED, panels_of
from gazebench.publish.site.records_page import record_views
from gazebench.publish.site.rendering import page
from gazebench.publish.site.subset_pages import (
    badges_of,
    choices,
    columns_of,
    in_words,
    notes,
    rows_of,
)
from gazebench.publish.standings import Standings
from gazebench.spec.in_words import legend


def board_files(standings: Standings) -> dict[str, bytes]:
    """Return every file, by its name relative to the board's folder."""
    pages = _Pages(standings)
    found = {name: text.encode() for name, text in downloads.files_of_tables(standings)}
    for part in (pages.subsets(), pages.heat(), pages.pairs(), pages.plane(), pages.others()):
        found |= dict(part)
    return found


class _Pages:
    """The pages of one board; what they share is worked out once."""

    def __init__(self, standings: Standings) -> None:
        self._board, self._standings = standings.board, standings
        models, families = choices(standings)
        self._shared: dict[str, Any] = {
            "has_checks": links.has_checks(standings),
            "standings": standings,
            "board": standings.board,
            "menu": tuple(links.menu(standings)),
            "models": models,
            "families": families,
            "links": links,
        }

    def subsets(self) -> Iterator[tuple[str, bytes]]:
        for subset in self._board.subsets:
            columns = columns_of(self._standings, subset) if self._board.metrics else ()
            rows = tuple(rows_of(self._standings, subset, columns)) if columns else ()
            yield (
                links.subset_page(subset.name),
                self._page(
                    "board.html",
                    links.INDEX,
                    subset=subset,
                    columns=columns,
                    rows=rows,
                    sentences=tuple(in_words(self._standings, subset)),
                    notes=notes(subset),
                    legend=legend(self._board),
                    badges=badges_of(self._standings),
                ),
            )

    def heat(self) -> Iterator[tuple[str, bytes]]:
        if len(self._board.subsets) < 2:
            return
        current = links.heat_page(self._board.rank_by)
        for metric in self._board.metrics:
            rows = tuple(heat_rows(self._standings, metric))
            by_fraction = has_fractions(self._standings, metric)
            table = downloads.heat_csv(self._standings, rows, by_fraction=by_fraction)
            yield links.heat_file(metric.name), table.encode()
            yield (
                links.heat_page(metric.name),
                self._page("heat.html", current, metric=metric, rows=rows, by_fraction=by_fraction),
            )

    def pairs(self) -> Iterator[tuple[str, bytes]]:
        matrices = links.shown_matrices(self._standings)
        for matrix in matrices:
            rows = tuple(pairs_rows(matrix))
            yield links.pairs_file(matrix.metric), downloads.pairs_csv(matrix, rows).encode()
            yield (
                links.pairs_page(matrix.metric),
                self._page(
                    "pairs.html",
                    links.pairs_page(matrices[0].metric),
                    matrix=matrix,
                    matrices=matrices,
                    rows=rows,
                    drawing="" if len(rows) <= READABLE else drawn(rows),
                ),
            )

    def plane(self) -> Iterator[tuple[str, bytes]]:
        plane: Plane | None = plane_of(self._board)
        if plane is None:
            return
        panels = tuple(panels_of(plane))
        yield links.PLANE_FILE, downloads.plane_csv(plane).encode()
        yield (
            links.PLANE,
            self._page(
                "plane.html",
                links.PLANE,
                plane=plane,
                panels=panels,
                is_numbered=len(plane.rows) <= NUMBERED,
            ),
        )

    def others(self) -> Iterator[tuple[str, bytes]]:
        whole = self._board.subsets[0]
        columns = columns_of(self._standings, whole) if self._board.metrics else ()
        if links.has_checks(self._standings):
            rows = tuple(rows_of(self._standings, whole, columns))
            yield links.CHECKS, self._page("checks.html", links.CHECKS, rows=rows)
        records = tuple(record_views(self._standings))
        yield links.RECORDS, self._page("records.html", links.RECORDS, records=records)
        for view in entry_views(self._standings, columns):
            yield links.entry_page(view.name), self._page("entry.html", "", depth=2, entry=view)

    def _page(self, template: str, current: str, *, depth: int = 1, **view: Any) -> bytes:
        return page(
            template,
            root="../" * depth,
            here="../" * (depth - 1),
            current=current,
            **self._shared,
            **view,
        )
