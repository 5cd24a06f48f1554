"""Records to be joined: made of few simulated scores, as they would be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from boards import AUC, board_of, rows_of, table_of
from gazebench.publish.case_scores import make_case_scores
from gazebench.publish.case_scores_file import case_scores_text
from gazebench.publish.join import BoardSettings
from gazebench.publish.record import (
    Badge,
    EntryFacts,
    Origin,
    Protocol,
    Publication,
    Record,
    RunFacts,
)
from gazebench.publish.record_board import board_of as salted_board
from gazebench.publish.salting import case_set_of
from gazebench.publish.submission import Submission
from gazebench.spec.board import Board, MetricColumn

IMAGES, RESAMPLES = 12, 200
SALT = "5a" * 16
PROTOCOL = Protocol(dataset="toy", case_set="ab" * 32, cases=IMAGES, reference_version=1)
SUBSETS = {"half": frozenset(str(i) for i in range(6))}

Scores = Mapping[str, Sequence[float | None]]


def image_effects(seed: int = 0) -> np.ndarray:
    """Return how hard every image is, for everybody."""
    return 0.05 * np.random.default_rng(seed).normal(size=IMAGES)


def entry(shift: float, seed: int, *, noise: float = 0.02) -> list[float]:
    """Return an entry's values around 0.7 + shift, on images that are hard for all."""
    own = noise * np.random.default_rng(seed).normal(size=IMAGES)
    return (0.7 + shift + image_effects() + own).tolist()


def shared_rows() -> dict[str, list[float]]:
    """Return the scores of the ceiling and a floor, which depend on the data alone."""
    return {"ceiling": entry(0.15, 101), "floor": entry(-0.15, 102)}


def settings(**changes: Any) -> BoardSettings:
    """Return the settings of a board that the records below may stand on."""
    plain: dict[str, Any] = {
        "name": "toy",
        "title": "Toy",
        "about": "made up",
        "is_restricted": False,
        "protocol": PROTOCOL,
        "versions": {"auc": 1},
        "rank_by": "auc",
    }
    return BoardSettings(**{**plain, **changes})


def scored(
    name: str,
    scores: Scores,
    *,
    metrics: Sequence[MetricColumn] = (AUC,),
    subsets: Mapping[str, frozenset[str]] = SUBSETS,
    rows: Sequence[Mapping[str, Any]] | None = None,
    with_shared: bool = True,
    **changes: Any,
) -> Submission:
    """Return a record with case scores; `rows` replace those made of `scores`."""
    if rows is None:
        all_scores = {**(shared_rows() if with_shared else {}), **scores}
        rows = [row for m in metrics for row in rows_of(all_scores, metric=m.name)]
    outline = board_of(rows, *metrics, resamples=2, reference="gaze")
    table = table_of(rows).append_column("dataset", [["toy"] * len(rows)])
    case_scores = make_case_scores(table, subsets, salt=SALT, dataset="toy")
    record = record_of(
        name,
        outline,
        subset_sets={n: case_set_of(cases) for n, cases in case_scores.members().items()},
        case_scores=case_scores_text(case_scores).sha256,
    )
    run = changes.get("run", record.run)
    is_restricted = changes.get("is_restricted", False)
    board = salted_board(case_scores, outline, run, is_restricted=is_restricted)
    made = replace(record, **{"board": board, **changes})
    return Submission(record=made, badge=Badge.RECOMPUTED, case_scores=case_scores)


def claimed(submission: Submission, name: str = "", **changes: Any) -> Submission:
    """Return the same record without its case scores."""
    record = submission.record
    changed = replace(record, name=name or record.name, case_scores="", **changes)
    return Submission(record=changed)


def printed(name: str, board: Board, **changes: Any) -> Submission:
    """Return a record of what a paper prints."""
    paper = Publication(citation="A. Author, 2021", url="https://example.org")
    plain = {"origin": Origin.PUBLICATION, "run": None, "publication": paper, **changes}
    return Submission(record=record_of(name, board, **plain))


def record_of(name: str, board: Board, **changes: Any) -> Record:
    """Return a record of a run on the toy dataset."""
    run = RunFacts(
        command="gazebench run --dataset toy",
        config={"dataset": '"toy"'},
        versions={},
        hardware="x86_64",
        resamples=RESAMPLES,
    )
    plain: dict[str, Any] = {
        "title": name.title(),
        "origin": Origin.RUN,
        "is_restricted": False,
        "protocol": PROTOCOL,
        "entries": {row.entry: EntryFacts() for row in board.subsets[0].rows},
        "run": run,
    }
    return Record(name=name, board=board, **{**plain, **changes})
