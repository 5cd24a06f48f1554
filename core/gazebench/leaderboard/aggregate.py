"""From score rows to a board."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from gazebench.errors import UsageError
from gazebench.leaderboard.assemble import Cells, Part, Source, assemble
from gazebench.leaderboard.cells import make_cell
from gazebench.leaderboard.pool import RESAMPLES, JointResamples, make_pool
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.suggest import suggest
from gazebench.spec.values import EntryKind
from gazebench.stats.intervals import IntervalKind

PREFERRED = "sauc"  # discounts the centre bias, which alone gets far in every other metric
MARGIN = 0.1  # of the fraction of ceiling, for being like one more reader
PAIRS = "Student's t, Holm over all pairs of a metric and subset, 5 %"


def build_board(
    scores: Any,
    *,
    metrics: Mapping[str, MetricColumn],
    interval: str = IntervalKind.BOOTSTRAP,
    rank_by: str | None = None,
    subsets: Mapping[str, Collection[str]],
    dataset: str,
    reference: str = "",
    centre_bias: str = "",
    notices: Sequence[str] = (),
    not_applicable: Mapping[str, str],
    resamples: int = RESAMPLES,
    seed: int = 0,
    margin: float = MARGIN,
) -> Board:
    """Aggregate a table of score rows into a leaderboard.

    `scores` has the columns of `gazebench.spec.values.ScoreRow`; `subsets` maps names to case ids.
    An entry's score is the mean over its rows. A row without a value scores the floor (see
    `scored_entries`), is counted, and lowers the coverage. Everything uncertain about the board
    (intervals, fractions of the ceiling, ranks) comes from one set of resamples of its images, or
    of its patients where the table names them; the order of rows has no influence. `margin` is how
    far from 1 a fraction of ceiling may be to count as one more reader.

    Raises:
        DataError: no rows, a row twice, two ceilings, an entry of two kinds, a case of two
            clusters.
        UsageError: `rank_by` is not one of the metrics, or `margin` is not positive.
    """
    ranking = ranking_metric(metrics, rank_by)
    kind = _interval_kind(interval)
    if not margin > 0:
        raise UsageError(f"the margin must be above 0, found {margin}", do="leave it at 0.1")
    pool = make_pool(scores, metrics)
    joint = JointResamples(pool, subsets, resamples, seed, interval=kind)
    return Board(
        dataset=dataset,
        metrics=pool.metrics,
        rank_by=ranking.name,
        interval=kind.in_words(resamples, over=pool.over),
        differences=differences_in_words(pool.over),
        margin=margin,
        reference=reference,
        centre_bias=centre_bias,
        subsets=assemble(ScoredSource(joint, margin=margin), ranking),
        notices=tuple(notices),
        not_applicable=dict(not_applicable),
    )


class ScoredSource:
    """The rows of a board that come from scores."""

    def __init__(self, joint: JointResamples, *, margin: float) -> None:
        self.joint, self.margin = joint, margin
        self.metrics = joint.pool.metrics
        self.kinds = {entry.name: entry.kind for entry in joint.pool.grid.entries}
        self.images = {name: int(members.sum()) for name, members in joint.members.items()}

    def part(self, metric: MetricColumn, subset: str) -> Part:
        """Return the cells of one metric within one subset."""
        cells, scores = {}, {}
        for entry in self.joint.pool.grid.entries:
            cells[entry.name] = make_cell(self.joint, metric, entry, subset, margin=self.margin)
            score = self.joint.score(metric.name, entry.name, subset)
            if entry.kind is EntryKind.ENTRY and score is not None:
                scores[entry.name] = score
        return Part(cells, scores)

    def note(self, subset: str, cells: Cells) -> str:
        """Say which metrics have no fraction of ceiling, and which are over fewer images."""
        problems: dict[str, list[str]] = {}
        for metric in self.metrics:
            problem = self.joint.why_no_fraction(metric.name, subset)
            if problem:
                problems.setdefault(problem, []).append(metric.name)
        without = [
            f"no fraction of ceiling on {', '.join(metrics)}: {problem}"
            for problem, metrics in problems.items()
        ]
        return "; ".join([*_on_fewer_images(self, subset, cells), *without])


def differences_in_words(over: str) -> str:
    """Say how differences are tested; `over` is what is resampled."""
    return f"paired bootstrap over {over}, {PAIRS}"


def _on_fewer_images(source: Source, subset: str, cells: Cells) -> Iterator[str]:
    """Say which metrics are over some of the images, because the others have no row of anybody."""
    images = source.images[subset]
    for metric in source.metrics:
        most = max((cell.n_images for cell in cells[subset, metric.name].values()), default=0)
        if 0 < most < images:
            yield f"{metric.name} is over {most} of the {images} images: the others have no score"


def ranking_metric(metrics: Mapping[str, MetricColumn], rank_by: str | None) -> MetricColumn:
    if not metrics:
        raise UsageError("a board needs at least one metric")
    if rank_by is None:
        return metrics.get(PREFERRED) or next(iter(metrics.values()))
    if rank_by not in metrics:
        hint = suggest(rank_by, metrics)
        raise UsageError(
            f"cannot rank by {rank_by!r}: it is not among the scores"
            + (f"; {hint}" if hint else ""),
            do=f"rank by one of {', '.join(metrics)}",
        )
    return metrics[rank_by]


def _interval_kind(text: str) -> IntervalKind:
    kinds = [str(kind) for kind in IntervalKind]
    if text in kinds:
        return IntervalKind(text)
    hint = suggest(text, kinds)
    raise UsageError(
        f"no interval is called {text!r}" + (f"; {hint}" if hint else ""),
        do=f"choose among {', '.join(kinds)}",
    )
