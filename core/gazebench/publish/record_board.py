"""A record's board, made of its case scores: by who publishes, and again by who verifies."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from gazebench.errors import RecordError
from gazebench.leaderboard.aggregate import build_board, ranking_metric
from gazebench.publish.case_scores import CaseScores
from gazebench.publish.case_scores_file import case_scores_text
from gazebench.publish.record import RunFacts
from gazebench.publish.run_settings import run_config_of
from gazebench.publish.suppress import hide_small_cells
from gazebench.spec.board import Board

KEPT = 4  # boards
MOST_RESAMPLES = 1_000_000  # whose means are kept in memory, whoever asked for them
_REMEMBERED: dict[Hashable, Board] = {}


def board_of(
    case_scores: CaseScores, outline: Board, run: RunFacts, *, is_restricted: bool
) -> Board:
    """Return the board of case scores, without what rests on too few images.

    Of `outline` everything is taken that does not follow from scores: the metrics, what ranks,
    the margin, and what is said about the whole. Its subsets do not matter: they are those of the
    case scores.

    The last boards are remembered: who publishes or verifies asks for the same one several times.

    Raises:
        DataError: a row stands twice, there are two ceilings, or an entry is of two kinds.
        UsageError: the run states settings that are none, or is not ranked by one of its metrics.
        RecordError: it states too many resamples.
    """
    refuse_too_many(run)
    key = _key(case_scores, outline, run, is_restricted=is_restricted)
    if key not in _REMEMBERED:
        _REMEMBERED[key] = _board_of(case_scores, outline, run, is_restricted=is_restricted)
        while len(_REMEMBERED) > KEPT:
            del _REMEMBERED[next(iter(_REMEMBERED))]
    found = _REMEMBERED[key]
    return replace(found, notices=outline.notices, not_applicable=outline.not_applicable)


def refuse_too_many(run: RunFacts) -> None:
    """Refuse a record of which nobody could make the statistics again.

    Raises:
        RecordError: it states more resamples than `MOST_RESAMPLES`.
    """
    if run.resamples > MOST_RESAMPLES:
        raise RecordError(
            f"{run.resamples:,} resamples are stated; the statistics of a record are made of at "
            f"most {MOST_RESAMPLES:,}",
            do="rank the run with fewer: gazebench run --resamples 10000",
        )


def _key(
    case_scores: CaseScores, outline: Board, run: RunFacts, *, is_restricted: bool
) -> Hashable:
    """Return everything that a board follows from, but what is only said on it."""
    said = (outline.dataset, outline.reference, outline.centre_bias)
    ranking = ranking_metric({m.name: m for m in outline.metrics}, outline.rank_by or None)
    chosen = (outline.metrics, ranking.name, outline.margin)
    recipe = (run_config_of(run.config).interval, run.resamples, run.seed, is_restricted)
    return case_scores_text(case_scores).sha256, said, chosen, recipe


def _board_of(
    case_scores: CaseScores, outline: Board, run: RunFacts, *, is_restricted: bool
) -> Board:
    scores, subsets = case_scores.to_table(), case_scores.members()
    board = build_board(
        scores,
        metrics={metric.name: metric for metric in outline.metrics},
        interval=run_config_of(run.config).interval,
        rank_by=outline.rank_by or None,
        subsets=subsets,
        dataset=outline.dataset,
        reference=outline.reference,
        centre_bias=outline.centre_bias,
        not_applicable={},
        resamples=run.resamples,
        seed=run.seed,
        margin=outline.margin,
    )
    return hide_small_cells(board, scores, subsets, is_restricted=is_restricted)
