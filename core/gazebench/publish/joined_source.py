"""Scored rows and stated rows as one source of a board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gazebench.leaderboard.aggregate import MARGIN, ScoredSource
from gazebench.leaderboard.assemble import Cells, Part
from gazebench.leaderboard.pool import ALL, RESAMPLES, JointResamples, make_pool
from gazebench.publish.joined_scores import joined_table
from gazebench.publish.record import Record
from gazebench.publish.record_board import refuse_too_many
from gazebench.publish.row_names import RowName, kinds_of
from gazebench.publish.run_settings import run_config_of
from gazebench.publish.stated import UNKNOWN, StatedRow, with_fractions, with_stated
from gazebench.publish.submission import CaseTable, Submission
from gazebench.spec.board import MetricColumn
from gazebench.spec.values import EntryKind
from gazebench.stats.intervals import IntervalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the uncertain is computed; what the scored records agree on, else the default."""

    interval: IntervalKind
    resamples: int
    seed: int
    margin: float


def recipe_of(records: Sequence[Record]) -> Recipe:
    """Return the recipe of records with case scores.

    Raises:
        UsageError: a record states settings that this version does not know.
        RecordError: one states too many resamples.
    """
    runs = [record.run for record in records if record.run is not None]
    for run in runs:
        refuse_too_many(run)
    intervals = [IntervalKind(run_config_of(run.config).interval) for run in runs]
    return Recipe(
        interval=_common(intervals, IntervalKind.BOOTSTRAP),
        resamples=_common([run.resamples for run in runs], RESAMPLES),
        seed=_common([run.seed for run in runs], 0),
        margin=_common([record.board.margin for record in records], MARGIN),
    )


class JoinedSource:
    """The rows of records with case scores, resampled jointly, and those of the others."""

    def __init__(
        self,
        submissions: Sequence[Submission],
        names: Mapping[RowName, str],
        metrics: tuple[MetricColumn, ...],
        recipe: Recipe,
    ) -> None:
        self.metrics, self.recipe = metrics, recipe
        self.joined = joined_table(submissions, names)
        self._scored = _scored_source(self.joined, submissions, metrics, recipe)
        self.stated = tuple(_stated_rows(submissions, names))
        stated = {row.name: row.kind for row in self.stated}
        scored = {} if self._scored is None else self._scored.kinds
        self.kinds = dict(sorted({**stated, **scored}.items()))
        self.images = _images(submissions, self._scored)

    @property
    def joint(self) -> JointResamples | None:
        """The resamples of all case scores; None where nobody has any."""
        return None if self._scored is None else self._scored.joint

    def part(self, metric: MetricColumn, subset: str) -> Part:
        """Return the cells of one metric within one subset."""
        scored = self._scored_part(metric, subset)
        clusters = self.images[subset] if self.joint is None else self.joint.n_clusters
        part = with_stated(
            scored,
            self.stated,
            metric,
            subset,
            clusters=clusters,
            resamples=self.recipe.resamples,
        )
        ceiling = next((n for n, kind in self.kinds.items() if kind is EntryKind.CEILING), "")
        only_stated = {n: cell for n, cell in part.cells.items() if cell is not scored.cells.get(n)}
        cells = {name: UNKNOWN for name in self.kinds} | dict(part.cells)
        cells |= with_fractions(only_stated, cells.get(ceiling), metric)
        return Part(cells, part.scores)

    def note(self, subset: str, cells: Cells) -> str:
        """Say what the scores say of the subset."""
        if self._scored is None or not self._scored.images.get(subset):
            return ""
        return self._scored.note(subset, cells)

    def _scored_part(self, metric: MetricColumn, subset: str) -> Part:
        if self._scored is None or not self._scored.images.get(subset):
            return Part({}, {})
        if metric not in self._scored.metrics:
            return Part({}, {})
        return self._scored.part(metric, subset)


def _scored_source(
    joined: CaseTable | None,
    submissions: Sequence[Submission],
    metrics: tuple[MetricColumn, ...],
    recipe: Recipe,
) -> ScoredSource | None:
    if joined is None:
        return None
    scored = {
        metric.name
        for one in submissions
        if one.case_table is not None
        for metric in one.record.board.metrics
    }
    pool = make_pool(joined.scores, {m.name: m for m in metrics if m.name in scored})
    joint = JointResamples(
        pool, joined.subsets, recipe.resamples, recipe.seed, interval=recipe.interval
    )
    return ScoredSource(joint, margin=recipe.margin)


def _stated_rows(
    submissions: Iterable[Submission], names: Mapping[RowName, str]
) -> Iterator[StatedRow]:
    for one in submissions:
        if one.case_table is None:
            board = one.record.board
            for entry, kind in sorted(kinds_of(one.record).items()):
                yield StatedRow(
                    name=names[RowName(one.name, entry)],
                    key=f"{one.name}\n{entry}",
                    kind=kind,
                    cells={
                        (subset.name, metric): cell
                        for subset in board.subsets
                        for row in subset.rows
                        if row.entry == entry
                        for metric, cell in row.cells.items()
                    },
                )


def _images(submissions: Iterable[Submission], scored: ScoredSource | None) -> dict[str, int]:
    """Return every subset, all images first, and how many images anybody says it has."""
    found = {ALL: 0} | dict({} if scored is None else scored.images)
    for one in submissions:
        for subset in one.record.board.subsets:
            found[subset.name] = found.get(subset.name) or subset.n_images
    return found


def _common(values: Sequence[Any], otherwise: Any) -> Any:
    return values[0] if values and all(value == values[0] for value in values) else otherwise
