"""Leaderboards to be shown as a site: simulated scores of any number of entries."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from gazebench.leaderboard.aggregate import build_board
from gazebench.publish.case_scores import make_case_scores
from gazebench.publish.join import BoardSettings, join
from gazebench.publish.record import (
    Badge,
    CostFacts,
    EntryFacts,
    GamingChecks,
    Origin,
    PluginFacts,
    Protocol,
    Publication,
    Record,
    RunFacts,
    WeightFacts,
)
from gazebench.publish.standings import Standings
from gazebench.publish.submission import Submission
from gazebench.spec.board import MetricColumn
from gazebench.spec.values import EntryKind

HASH, SALT = "3f9c" * 16, "5a" * 16
IMAGES, READINGS, RESAMPLES = 40, 3, 200
FLOORS = ("centre_bias", "convex_segmentation", "random", "shuffled_image", "uniform")
SHIFTS = {"interobserver": 0.16, **dict.fromkeys(FLOORS, -0.18)}
MODELS = ("sononet", "ag_sononet", "timm/resnet50", "xrv/densenet121-res224-all")
METHODS = ("gradcam", "rise:masks=4000", "integrated_gradients", "score_cam", "lime")
MIXINGS = ("uniform", "weighted", "max", "thresholded", "single")

METRICS = tuple(
    MetricColumn(name=n, title=t, higher_is_better=h, chance=c, version=1, of_network=o)
    for n, t, h, c, o in (
        ("ncc", "NCC", True, 0.0, False),
        ("sncc", "sNCC", True, 0.0, False),
        ("auc", "AUC", True, 0.5, False),
        ("sauc", "sAUC", True, 0.5, False),
        ("kl", "KL", False, None, False),
        ("insertion", "Insertion AUC above the map moved elsewhere", True, 0.0, True),
        ("road", "ROAD", True, 0.0, True),
        ("nss", "NSS", True, 0.0, False),
        ("sim", "SIM", True, None, False),
        ("ig", "IG", True, 0.0, False),
        ("spearman", "Spearman", True, 0.0, False),
        ("emd", "EMD (sliced)", False, None, False),
    )
)
FEW = tuple(m for m in METRICS if m.name in {"sauc", "ncc", "kl", "insertion"})


def standings_of(
    names: Sequence[str],
    *,
    metrics: Sequence[MetricColumn] = FEW,
    subsets: Sequence[str] = ("abnormal", "normal"),
    others: Sequence[Submission] = (),
    **settings: Any,
) -> Standings:
    """Return the leaderboard of one simulated run; `settings` are fields of `BoardSettings`."""
    plain: dict[str, Any] = {
        "name": "toy",
        "title": "Toy films",
        "about": "Films and readers are simulated: nothing here is a finding about radiologists.",
        "is_restricted": False,
        "protocol": Protocol(dataset="toy", case_set=HASH, cases=IMAGES, reference_version=1),
        "versions": {metric.name: metric.version for metric in metrics},
    }
    one = simulated("simulated-run", names, metrics=metrics, subsets=subsets)
    return join(BoardSettings(**{**plain, **settings}), [one, *others])


def simulated(
    record: str,
    names: Sequence[str],
    *,
    metrics: Sequence[MetricColumn] = FEW,
    subsets: Sequence[str] = (),
    spread: float = 0.1,
    **changes: Any,
) -> Submission:
    """Return a record with the scores of entries between the floors and the ceiling."""
    shifts = dict(zip(names, np.linspace(spread, -spread, len(names)), strict=True)) | SHIFTS
    parts = [_scores_of(name, shift, metrics) for name, shift in shifts.items()]
    scores, members = pa.concat_tables(parts), _members(subsets)
    board = build_board(
        scores,
        metrics={metric.name: metric for metric in metrics},
        subsets=members,
        dataset="toy",
        reference="gaze",
        centre_bias="loio",
        notices=("a simulation: nothing here is a finding about radiologists",),
        not_applicable={"sononet/attention:gate=1": "sononet gives no attention maps"},
        resamples=RESAMPLES,
    )
    plain: dict[str, Any] = {
        "title": "Simulated maps of known quality",
        "origin": Origin.RUN,
        "is_restricted": False,
        "protocol": Protocol(
            dataset="toy", case_set=HASH, cases=IMAGES, reference_version=1, centre_bias="loio"
        ),
        "entries": {name: facts_of(name) for name in shifts},
        "subset_sets": dict.fromkeys(("all", *subsets), HASH),
        "run": RunFacts(
            command="gazebench run --dataset phantom --seed 1",
            config={"dataset": '"phantom"', "seeds": "[1]", "methods": '["gradcam", "rise"]'},
            versions={"gazebench": "0.1.0", "numpy": "2.2.1", "torch": "2.6.0"},
            hardware="x86_64, Linux",
            resamples=RESAMPLES,
        ),
        "case_scores": HASH,
    }
    made = Record(name=record, board=board, **{**plain, **changes})
    carried = make_case_scores(scores, members, salt=SALT, dataset="toy")
    return Submission(record=made, badge=Badge.RECOMPUTED, case_scores=carried)


def printed(record: str, submission: Submission, entries: Sequence[str]) -> Submission:
    """Return what a paper would print of some entries, with the ceiling."""
    board = submission.record.board
    kept = {*entries, "interobserver"}
    subsets = [
        replace(subset, rows=tuple(row for row in subset.rows if row.entry in kept))
        for subset in board.subsets
    ]
    paper = Publication(
        citation="A. Author, Saliency and gaze, 2021", url="https://example.org", tables="Table 1"
    )
    made = replace(
        submission.record,
        name=record,
        title="As printed",
        origin=Origin.PUBLICATION,
        publication=paper,
        run=None,
        case_scores="",
        board=replace(board, subsets=tuple(subsets)),
        entries={name: EntryFacts() for name in kept},
    )
    return Submission(record=made)


def foreign(record: str, names: Sequence[str]) -> Submission:
    """Return a record of older metrics, which stands apart."""
    old = tuple(replace(metric, version=9) for metric in FEW)
    return simulated(record, names, metrics=old, title="Made with another version of the metrics")


def entry_names(number: int) -> list[str]:
    """Return names as runs give them."""
    combined = map("/".join, itertools.product(MODELS, METHODS, MIXINGS))
    return list(itertools.islice(combined, number))


def facts_of(name: str) -> EntryFacts:
    """Return what a record says of an entry MODEL/METHOD/MIXING; little of floors."""
    model, _, rest = name.rpartition("/")[0].rpartition("/")
    if not model:
        return EntryFacts()
    place = len(name) % 7
    return EntryFacts(
        model=model,
        method=rest,
        mixing=name.rpartition("/")[2],
        family=rest.partition(":")[0],
        seeds=(1,),
        plugins=tuple(
            PluginFacts(
                kind=kind, label=label, distribution="gazebench", version="0.1.0", code_sha256=HASH
            )
            for kind, label in (("model", model), ("method", rest))
        ),
        weights=(WeightFacts(seed=1, sha256=HASH, trained_on="phantom"),),
        cost=CostFacts(
            images=IMAGES,
            seconds=0.012 * 3**place,
            forward_passes=1.0 + 40 * place,
            backward_passes=float(place % 2),
            peak_memory_mb=None if place == 3 else 120.5 * (place + 1),
        ),
        checks=GamingChecks(
            gain_over_centre_bias=0.02 * place - 0.08,
            gain_from_blur_and_bias=0.01 * place,
            gain_beyond_bias=0.015 * place,
            closest_reader_excess=None if place == 5 else 0.05 + 0.001 * place,
        ),
    )


def _scores_of(name: str, shift: float, metrics: Sequence[MetricColumn]) -> Any:
    kind = EntryKind.ENTRY
    if name in SHIFTS:
        kind = EntryKind.CEILING if name == "interobserver" else EntryKind.FLOOR
    asked = [m for m in metrics if not m.of_network or kind is EntryKind.ENTRY]
    return pa.concat_tables(_scores_on(metric, name, kind, shift) for metric in asked)


def _scores_on(metric: MetricColumn, name: str, kind: EntryKind, shift: float) -> Any:
    """Return scores that share how hard an image is, as those of real entries do."""
    shared = 0.06 * np.random.default_rng(1).standard_normal(IMAGES)
    own = np.random.default_rng([len(metric.name), *name.encode()])
    quality = 0.25 + shift + shared + 0.05 * own.standard_normal(IMAGES) + 0.02 * own.normal()
    middle, unit = (0.5, 0.4) if metric.chance == 0.5 else (0.0, 1.0)
    values = middle + unit * quality if metric.higher_is_better else 2 - 3 * quality
    readings = 1 if metric.of_network else READINGS
    rows = IMAGES * readings
    return pa.table(
        {
            "dataset": ["toy"] * rows,
            "case": np.repeat([f"{i:03}" for i in range(IMAGES)], readings),
            "reading": ["" if metric.of_network else str(r + 1) for r in range(readings)] * IMAGES,
            "entry": [name] * rows,
            "kind": [str(kind)] * rows,
            "seed": np.full(rows, 1),
            "metric": [metric.name] * rows,
            "value": np.repeat(values, readings) + 0.03 * own.standard_normal(rows),
            "status": ["ok"] * rows,
            "reason": [""] * rows,
        }
    )


def _members(subsets: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return overlapping subsets of different sizes."""
    return {
        subset: frozenset(f"{i:03}" for i in range(place % 2, IMAGES, 2 + place % 3))
        for place, subset in enumerate(subsets)
    }
