"""A comparison of two entries as CSV and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from gazebench.leaderboard.compare import EntryComparison, MetricComparison
from gazebench.leaderboard.csv_text import Value, csv_text, rounded

FORMAT, VERSION = "gazebench-comparison", 1
COLUMNS = (
    "dataset", "subset", "metric", "higher_is_better", "entry_a", "entry_b", "score_a", "score_b",
    "difference", "low", "high", "standard_error", "p", "p_holm", "n_images", "wins_a", "wins_b",
    "ties", "win_rate_a", "verdict", "better", "more_images", "note",
)  # fmt: skip


def comparison_csv(comparison: EntryComparison) -> str:
    """Write one line per subset and metric; what is undefined is empty."""
    lines = [_values(comparison, row) for row in comparison.rows]
    return csv_text(COLUMNS, [[line[name] for name in COLUMNS] for line in lines])


def comparison_json(comparison: EntryComparison) -> str:
    """Write every number; what is undefined is null, never NaN."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "dataset": comparison.dataset,
        "entry_a": comparison.a,
        "entry_b": comparison.b,
        "alpha": comparison.alpha,
        "resamples": comparison.resamples,
        "unit": comparison.unit,
        "subsets": comparison.subsets,
        "notices": list(comparison.notices),
        "comparisons": [_document(comparison, row) for row in comparison.rows],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _document(comparison: EntryComparison, row: MetricComparison) -> dict[str, Any]:
    once = ("dataset", "entry_a", "entry_b")  # said of the whole
    values = {k: v for k, v in _values(comparison, row).items() if k not in once}
    return {k: rounded(v) if isinstance(v, float) else v for k, v in values.items()}


def _values(comparison: EntryComparison, row: MetricComparison) -> dict[str, Value]:
    low, high = (row.interval.low, row.interval.high) if row.interval else (None, None)
    wins = {} if row.wins is None else {**asdict(row.wins), "rate": row.wins.rate}
    return {
        "dataset": comparison.dataset,
        "subset": row.subset,
        "metric": row.metric.name,
        "higher_is_better": row.metric.higher_is_better,
        "entry_a": comparison.a,
        "entry_b": comparison.b,
        "score_a": row.score_a,
        "score_b": row.score_b,
        "difference": row.difference,
        "low": low,
        "high": high,
        "standard_error": row.standard_error,
        "p": row.p_value,
        "p_holm": row.p_holm,
        "n_images": row.n_images,
        "wins_a": wins.get("a"),
        "wins_b": wins.get("b"),
        "ties": wins.get("ties"),
        "win_rate_a": wins.get("rate"),
        "verdict": comparison.verdict(row),
        "better": row.better,
        "more_images": row.more_images,
        "note": row.note,
    }
