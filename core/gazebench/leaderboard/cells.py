"""The cells of one metric within one subset: score, interval, fraction of ceiling, coverage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazebench.leaderboard.grid import GridEntry
from gazebench.leaderboard.pool import NOT_MATCHED, JointResamples
from gazebench.leaderboard.scored import Scored, why_unscored
from gazebench.spec.board import Cell, MetricColumn
from gazebench.spec.values import EntryKind
from gazebench.stats.equivalence import verdict
from gazebench.stats.estimate import Estimate
from gazebench.stats.intervals import in_order, interval_of


def make_cell(
    joint: JointResamples, metric: MetricColumn, entry: GridEntry, subset: str, *, margin: float
) -> Cell:
    """Return an entry's cell, all but its place among the others."""
    scored = joint.pool.scored[metric.name].get(entry.name)
    if scored is None:
        why = why_unscored(joint.pool.grid, metric, entry)
        return Cell(score=None, coverage=0.0, n_images=0, n_rows=0, note=why, fraction_note=why)
    place = metric.name, entry.name, subset
    units = joint.members[subset][joint.pool.grid.case_of_unit]
    score, fraction = joint.score(*place), joint.fraction(*place)
    is_ceiling = entry.kind is EntryKind.CEILING
    judged = None if is_ceiling else fraction
    ordered = None if judged is None else in_order(judged)
    return Cell(
        score=None if score is None else score.point,
        interval=joint.score_interval(*place),
        fraction=None if fraction is None else fraction.point,
        fraction_interval=None if judged is None else interval_of(judged, joint.interval, ordered),
        like_a_reader=None if judged is None else verdict(judged, margin=margin, ordered=ordered),
        coverage=scored.coverage(units),
        n_images=joint.n_images(*place),
        n_rows=joint.n_rows(*place),
        note=_note(scored, units, score),
        fraction_note=_fraction_note(joint, fraction, metric.name, subset),
    )


def _fraction_note(
    joint: JointResamples, fraction: Estimate | None, metric: str, subset: str
) -> str:
    if fraction is not None:
        return ""
    return joint.why_no_fraction(metric, subset) or NOT_MATCHED


def _note(scored: Scored, units: NDArray[np.bool_], score: Estimate | None) -> str:
    gaps = scored.gaps(units)
    if not gaps or score is None:
        return gaps
    if scored.is_substituted:
        return f"{gaps}; each scored as chance or the worst floor there"
    return f"{gaps}; the mean is over the others"
