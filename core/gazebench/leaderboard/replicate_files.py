"""A replication on disk: CSV, JSON, and a report to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gazebench.engine.store import make_folder, write_text
from gazebench.leaderboard.csv_text import csv_text, rounded
from gazebench.leaderboard.replicate_report import report
from gazebench.leaderboard.replication import (
    Match,
    MatchedNumber,
    PrintedDifference,
    Replicated,
    Standing,
)
from gazebench.spec.board import Interval

FORMAT, VERSION = "gazebench-replication", 1
NUMBERS = (
    "table", "subset", "entry", "metric", "quantity", "printed", "decimals", "found", "match",
    "exact_in",
)  # fmt: skip
PAIRS = (
    "table", "metric", "a", "subset_a", "b", "subset_b", "difference", "low", "high", "p_holm",
    "seeds_better", "seeds", "intervals_apart", "survives", "outcome",
)  # fmt: skip
SCORES = (
    "table", "subset", "images", "metric", "entry", "kind", "score", "published_low",
    "published_high", "low", "high", "widening", "fraction", "fraction_low", "fraction_high",
    "like_a_reader", "tie_group", "rank_best", "rank_worst", "probability_best", "note",
)  # fmt: skip


def write_replication(found: Replicated, folder: Path) -> None:
    """Write match.csv, differences.csv, scores.csv, replication.json and report.md.

    Raises:
        RunError: the folder cannot be made or written.
    """
    texts = {
        "match.csv": _csv(NUMBERS, map(_number, found.numbers)),
        "differences.csv": _csv(PAIRS, map(_pair, found.differences)),
        "scores.csv": _csv(SCORES, map(_score, found.standings)),
        "replication.json": replication_json(found),
        "report.md": "\n".join(report(found)).rstrip() + "\n",
    }
    make_folder(folder)
    for name, text in texts.items():
        write_text(folder / name, text)


def replication_json(found: Replicated) -> str:
    """Write every number; what is undefined is null."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "replication": found.name,
        "reference": found.reference,
        "counts": {str(match): found.count(match) for match in Match},
        "numbers": [{**_number(one), "printed": one.printed} for one in found.numbers],
        "differences": [_pair(one) for one in found.differences],
        "scores": [_score(one) for one in found.standings],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(columns: tuple[str, ...], lines: Iterable[Mapping[str, Any]]) -> str:
    return csv_text(columns, [[line[name] for name in columns] for line in lines])


def _number(one: MatchedNumber) -> dict[str, Any]:
    return {
        "table": one.table,
        "subset": one.figure.subset,
        "entry": one.figure.entry,
        "metric": one.figure.metric,
        "quantity": one.quantity,
        "printed": float(one.printed),  # a text that begins with a minus looks like a formula
        "decimals": len(one.printed.partition(".")[2]),
        "found": rounded(one.found),
        "match": str(one.match),
        "exact_in": one.elsewhere,
    }


def _pair(pair: PrintedDifference) -> dict[str, Any]:
    low, high = _bounds(pair.interval)
    better, of = pair.seeds or (None, None)
    return {
        "table": pair.table,
        "metric": pair.metric,
        "a": pair.a,
        "subset_a": pair.subset_a,
        "b": pair.b,
        "subset_b": pair.subset_b,
        "difference": rounded(pair.difference),
        "low": low,
        "high": high,
        "p_holm": None if pair.p_holm != pair.p_holm else rounded(pair.p_holm),
        "seeds_better": better,
        "seeds": of,
        "intervals_apart": pair.apart,
        "survives": pair.survives,
        "outcome": str(pair.outcome),
    }


def _score(one: Standing) -> dict[str, Any]:
    published_low, published_high = _bounds(one.published)
    low, high = _bounds(one.cell.interval)
    fraction_low, fraction_high = _bounds(one.cell.fraction_interval)
    best, worst = one.cell.ranks or (None, None)
    return {
        "table": one.table,
        "subset": one.subset,
        "images": one.n_images,
        "metric": one.metric,
        "entry": one.entry,
        "kind": str(one.kind),
        "score": rounded(one.cell.score),
        "published_low": published_low,
        "published_high": published_high,
        "low": low,
        "high": high,
        "widening": rounded(one.widening),
        "fraction": rounded(one.cell.fraction),
        "fraction_low": fraction_low,
        "fraction_high": fraction_high,
        "like_a_reader": None if one.cell.like_a_reader is None else str(one.cell.like_a_reader),
        "tie_group": one.cell.tie_group,
        "rank_best": best,
        "rank_worst": worst,
        "probability_best": rounded(one.cell.probability_best),
        "note": one.cell.note or one.cell.fraction_note,
    }


def _bounds(interval: Interval | None) -> tuple[float | None, float | None]:
    if interval is None:
        return None, None
    return rounded(interval.low), rounded(interval.high)
