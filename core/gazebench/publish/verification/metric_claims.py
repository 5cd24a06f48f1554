"""What a record says of its metrics and of single scores, against what the metrics say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gazebench.leaderboard.metric_facts import plugin_facts
from gazebench.publish.case_scores import CaseScores
from gazebench.publish.comparability import NO_VERSION
from gazebench.publish.record import Origin, Record
from gazebench.publish.verification.agreement import known_metrics
from gazebench.registry.host import Host
from gazebench.spec.board import MetricColumn

ROUNDED = 1e-4  # relative, of single precision and of what metrics are off exact arithmetic

Limits = Mapping[str, tuple[float, float]]


def wrong_columns(record: Record, host: Host) -> Iterator[str]:
    """Yield one sentence per fact that a record states of a metric and that is not the metric's.

    Ranks, fractions and groups follow from direction and chance, so that a record may not choose
    them. Metrics that are not here, or of another version, are not compared; where a record states
    no version, its metric is taken for the one that is here.
    """
    for column, metric in known_metrics(record.board, host):
        if column.version in (NO_VERSION, metric.version):
            yield from _unlike(column, plugin_facts(column.name, metric))
    if record.origin is Origin.RUN:
        unsaid = [m.name for m in record.board.metrics if m.version == NO_VERSION]
        if unsaid:
            yield f"it is of a run, and does not state the version of {', '.join(unsaid)}"


def scores_out_of_range(case_scores: CaseScores, limits: Limits) -> Iterator[str]:
    """Yield one sentence per line of case scores with a value that its metric cannot have."""
    for line in case_scores.lines:
        low, high = limits.get(line.metric, (float("-inf"), float("inf")))
        values = [value for value in line.values if value is not None]
        beyond = [v for v in values if not low - _slack(low) <= v <= high + _slack(high)]
        if beyond:
            yield (
                f"{line.metric}, {line.entry}: {len(beyond)} of {len(values)} single scores are "
                f"outside the metric's range [{low:g}, {high:g}], such as {beyond[0]:g}"
            )


def _unlike(stated: MetricColumn, known: MetricColumn) -> Iterator[str]:
    if stated.higher_is_better != known.higher_is_better:
        yield f"it says that {_better(stated)} {stated.name} is better, and {_better(known)} is"
    if stated.chance != known.chance:
        yield f"it says that chance is {_level(stated)} in {stated.name}, and it is {_level(known)}"
    if stated.of_network != known.of_network:
        asked = "the network" if known.of_network else "the readers"
        yield f"it does not say of {stated.name} that it asks {asked}"


def _better(column: MetricColumn) -> str:
    return "higher" if column.higher_is_better else "lower"


def _level(column: MetricColumn) -> str:
    return "measured" if column.chance is None else f"{column.chance:g}"


def _slack(limit: float) -> float:
    return ROUNDED * max(1.0, abs(limit))
