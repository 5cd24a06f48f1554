"""Small publishable records for tests."""

from __future__ import annotations

from typing import Any

from boards import AUC, placed_board
from gazebench.publish.record import (
    CostFacts,
    EntryFacts,
    Origin,
    PluginFacts,
    Protocol,
    Record,
    RunFacts,
    WeightFacts,
)
from gazebench.spec.board import Board, BoardRow, MetricColumn
from gazebench.spec.values import EntryKind

HASH = "ab" * 32


def small_board(*metrics: MetricColumn, **changes: Any) -> Board:
    """Return a board of two entries, a ceiling and a floor."""
    return placed_board(
        {
            "sononet/gradcam/uniform": (1, 1, 2, 0.9, "no"),
            "sononet/gradcam/max": (1, 1, 2, 0.1, "no"),
        },
        *(metrics or (AUC,)),
        **changes,
    )


def small_record(board: Board | None = None, **changes: Any) -> Record:
    """Return a record of a run; every entry is Grad-CAM on SonoNet."""
    board = board or small_board()
    plain: dict[str, Any] = {
        "name": "small",
        "title": "SonoNet with Grad-CAM",
        "origin": Origin.RUN,
        "is_restricted": False,
        "protocol": Protocol(
            dataset="reflacx", case_set=HASH, cases=9, reference_version=1, centre_bias="loio"
        ),
        "board": board,
        "entries": {row.entry: made_by(row) for row in board.subsets[0].rows},
        "run": RunFacts(
            command="gazebench run --dataset reflacx --data-root FOLDER",
            config={"dataset": '"reflacx"'},
            versions={"gazebench": "0.1.0"},
            hardware="x86_64",
            resamples=200,
        ),
    }
    return Record(**{**plain, **changes})


def made_by(row: BoardRow) -> EntryFacts:
    """Return where the maps of an entry MODEL/METHOD/MIXING came from."""
    if row.kind is not EntryKind.ENTRY or row.entry.count("/") != 2:
        return EntryFacts()
    model, method, mixing = row.entry.split("/")
    return EntryFacts(
        model=model,
        method=method,
        mixing=mixing,
        family=method,
        seeds=(0,),
        plugins=tuple(
            PluginFacts(
                kind=kind, label=label, distribution="gazebench", version="0.1.0", code_sha256=HASH
            )
            for kind, label in (("model", model), ("method", method))
        ),
        weights=(WeightFacts(seed=0, sha256=HASH, trained_on="phantom"),),
        cost=CostFacts(
            images=9, seconds=0.1, forward_passes=1.0, backward_passes=1.0, peak_memory_mb=None
        ),
    )
