"""A subset analysis on disk: two tables, a figure, and a document for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gazebench.engine.store import make_folder, write_bytes, write_text
from gazebench.leaderboard.contrast_figure import draw
from gazebench.leaderboard.contrast_values import Contrast, SubsetAnalysis, SubsetRow
from gazebench.leaderboard.contrast_words import answer, count, how_tested
from gazebench.leaderboard.csv_text import Value, csv_text, rounded
from gazebench.leaderboard.figure_file import Picture
from gazebench.spec.board import Interval

FORMAT, VERSION = "gazebench-subsets", 1
SUBSETS = (
    "dataset", "metric", "entry", "kind", "subset", "n_images", "score", "low", "high", "chance",
    "ceiling", "ceiling_low", "ceiling_high", "fraction_of_ceiling", "fraction_low",
    "fraction_high", "gap", "gap_low", "gap_high", "note", "fraction_note",
)  # fmt: skip
CONTRASTS = (
    "dataset", "metric", "quantity", "family", "test", "entry_a", "subset_a", "n_a", "value_a",
    "entry_b", "subset_b", "n_b", "value_b", "difference", "low", "high", "standard_error", "p",
    "p_holm", "tests_in_family", "significant", "note",
)  # fmt: skip


def write_subsets(analysis: SubsetAnalysis, folder: Path) -> tuple[Path, ...]:
    """Write `subsets.csv`, `contrasts.csv`, `subsets.svg` and `subsets.png`; return the files.

    Everything is made before the first file is written; each file is whole or absent.

    Raises:
        RunError: the folder cannot be made or written.
    """
    texts = {"subsets.csv": subsets_csv(analysis), "contrasts.csv": contrasts_csv(analysis)}
    pictures = {f"subsets.{kind}": draw(analysis, kind) for kind in Picture}
    make_folder(folder)
    for name, text in texts.items():
        write_text(folder / name, text)
    for name, content in pictures.items():
        write_bytes(folder / name, content)
    return tuple(folder / name for name in (*texts, *pictures))


def subsets_csv(analysis: SubsetAnalysis) -> str:
    """Write one line per metric, entry and subset; what is undefined is empty."""
    lines = [_row_values(row) for row in analysis.rows]
    return csv_text(SUBSETS, [[analysis.dataset, *(x[n] for n in SUBSETS[1:])] for x in lines])


def contrasts_csv(analysis: SubsetAnalysis) -> str:
    """Write one line per contrast: a minus b."""
    lines = _contrast_lines(analysis)
    return csv_text(CONTRASTS, [[analysis.dataset, *(x[n] for n in CONTRASTS[1:])] for x in lines])


def subsets_json(analysis: SubsetAnalysis) -> str:
    """Write everything, the answer in words first; what is undefined is null, never NaN."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "dataset": analysis.dataset,
        "asked": analysis.asked,
        "answer": list(answer(analysis)),
        "how": list(how_tested(analysis)),
        "notices": list(analysis.notices),
        "metrics": [asdict(metric) for metric in analysis.metrics],
        "images": dict(analysis.subsets),
        "rest": dict(analysis.rest),
        "subsets": [_plain(_row_values(row)) for row in analysis.rows],
        "contrasts": [_plain(line) for line in _contrast_lines(analysis)],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _row_values(row: SubsetRow) -> dict[str, Value]:
    return {
        "metric": row.metric,
        "entry": row.entry,
        "kind": str(row.kind),
        "subset": row.subset,
        "n_images": row.n_images,
        "score": row.score,
        **_bounds("", row.interval),
        "chance": row.chance,
        "ceiling": row.ceiling,
        **_bounds("ceiling_", row.ceiling_interval),
        "fraction_of_ceiling": row.fraction,
        **_bounds("fraction_", row.fraction_interval),
        "gap": row.gap,
        **_bounds("gap_", row.gap_interval),
        "note": row.note,
        "fraction_note": row.fraction_note,
    }


def _contrast_lines(analysis: SubsetAnalysis) -> list[dict[str, Value]]:
    families = {(one.metric, one.quantity, one.family) for one in analysis.contrasts}
    tests = {family: count(analysis, *family) for family in families}
    return [
        _contrast_values(one, tests[one.metric, one.quantity, one.family])
        for one in analysis.contrasts
    ]


def _contrast_values(one: Contrast, tests: int) -> dict[str, Value]:
    sides: dict[str, Value] = {}
    for name, side in (("a", one.first), ("b", one.second)):
        sides |= {f"entry_{name}": side.entry, f"subset_{name}": side.subset}
        sides |= {f"n_{name}": side.n, f"value_{name}": side.value}
    return {
        "metric": one.metric,
        "quantity": str(one.quantity),
        "family": str(one.family),
        "test": str(one.test),
        **sides,
        "difference": one.difference,
        **_bounds("", one.interval),
        "standard_error": one.standard_error,
        "p": one.p_value,
        "p_holm": one.p_holm,
        "tests_in_family": tests,
        "significant": None if one.p_holm is None else one.is_significant,
        "note": one.note,
    }


def _bounds(name: str, interval: Interval | None) -> dict[str, Value]:
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {f"{name}low": low, f"{name}high": high}


def _plain(values: dict[str, Value]) -> dict[str, Any]:
    return {k: rounded(v) if isinstance(v, float) else v for k, v in values.items()}
