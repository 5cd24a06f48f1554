"""An entry's scores as the metadata of a Hugging Face model card (`model-index`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gazebench.publish.exports.cff import yaml_text
from gazebench.publish.exports.cited import CitedEntry
from gazebench.spec.board import BoardRow, Cell, MetricColumn, SubsetBoard
from gazebench.spec.values import EntryKind

SOURCE = "GazeBench"
AGREEMENT = {
    "type": "gaze-agreement",
    "name": "Agreement of saliency maps with radiologists' gaze",
}
FAITHFULNESS = {
    "type": "saliency-faithfulness",
    "name": "Faithfulness of saliency maps to their network",
}
DIGITS = 7  # significant; those of a record's case scores


def model_card(cited: CitedEntry) -> str:
    """Write the YAML head of a model card: one result per subset and task.

    The model's name is the network's where there is one. Each metric has our interval, fraction of
    ceiling and rank interval among its `args`. `verified` is Hugging Face's own mark and false.
    """
    results = [result for board in cited.record.board.subsets for result in _results(cited, board)]
    name = cited.facts.model or cited.entry
    return f"---\n{yaml_text({'model-index': [{'name': name, 'results': results}]})}---\n"


def _results(cited: CitedEntry, subset: SubsetBoard) -> Iterator[dict[str, Any]]:
    rows = {row.entry: row for row in subset.rows}
    if cited.entry not in rows:
        return
    ceiling = next((row for row in subset.rows if row.kind is EntryKind.CEILING), None)
    for task in (AGREEMENT, FAITHFULNESS):
        metrics = [
            _metric(cited, metric, rows[cited.entry].cells[metric.name], ceiling)
            for metric in cited.record.board.metrics
            if metric.of_network is (task is FAITHFULNESS)
            and rows[cited.entry].cells[metric.name].score is not None
        ]
        if metrics:
            source = {"source": {"name": SOURCE, "url": cited.url}} if cited.url else {}
            yield {
                "task": dict(task),
                "dataset": _dataset(cited, subset),
                "metrics": metrics,
                **source,
            }


def _dataset(cited: CitedEntry, subset: SubsetBoard) -> dict[str, Any]:
    protocol = cited.record.protocol
    about = {
        "case_set": protocol.case_set,
        "reference": protocol.reference,
        "centre_bias": protocol.centre_bias,
    }
    return {
        "type": protocol.dataset,
        "name": cited.record.board.dataset,
        "split": subset.name,
        "args": {name: value for name, value in about.items() if value},
    }


def _metric(
    cited: CitedEntry, metric: MetricColumn, cell: Cell, ceiling: BoardRow | None
) -> dict[str, Any]:
    top = ceiling.cells[metric.name].score if ceiling is not None else None
    bounds = [cell.interval.low, cell.interval.high] if cell.interval is not None else None
    args = {
        "entry": cited.entry,
        "interval": [_number(bound) for bound in bounds] if bounds else None,
        "interval_kind": cited.record.board.interval if bounds else None,
        "ceiling": _number(top),
        "fraction_of_ceiling": _number(cell.fraction),
        "ranks": list(cell.ranks) if cell.ranks is not None else None,
        "coverage": _number(cell.coverage),
        "images": cell.n_images,
        "higher_is_better": metric.higher_is_better,
        "metric_version": metric.version,
    }
    return {
        "type": metric.name,
        "value": _number(cell.score),
        "name": f"{metric.title}, {cited.entry}",
        "args": {name: value for name, value in args.items() if value is not None},
        "verified": False,
    }


def _number(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
