"""How far a rerun may be from a record, and how far it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gazebench.errors import PluginError
from gazebench.publish.record import Record
from gazebench.publish.verification.attestation import Agreement
from gazebench.publish.verification.differences import Pair, paired, scores, structure
from gazebench.publish.verification.precision import rounding_of
from gazebench.registry.host import Host
from gazebench.spec.board import Board, MetricColumn
from gazebench.spec.descriptors import Metric

# Between kinds of devices and versions of libraries networks round differently, before any metric
# sees a map. Measured: docs/publishing.md.
ACROSS_SETUPS = 100.0


class Compared(NamedTuple):
    """A rerun beside a record: what is missing or otherwise counted, and metric by metric."""

    problems: tuple[str, ...]
    agreements: tuple[Agreement, ...]

    @property
    def holds(self) -> bool:
        """Whether the record's numbers came out again."""
        return not self.problems and all(agreement.holds for agreement in self.agreements)


def compare_with_rerun(record: Record, rerun: Record, accuracies: Mapping[str, float]) -> Compared:
    """Hold a record against another of the same run, made here.

    Scores and the ends of their intervals may be as far apart as the metric's accuracy and the
    rounding of the stated numbers allow, `ACROSS_SETUPS` times the accuracy where libraries or
    hardware differ. Counts of images and rows have to be equal. What only follows from the scores
    (ranks, groups, fractions) is not compared: an entry within the tolerance may change places.
    """
    factor = 1.0 if same_setup(record, rerun) else ACROSS_SETUPS
    pairs = list(paired(record.board, rerun.board, scores))
    names = [metric.name for metric in record.board.metrics]
    agreements = [
        _agreement(name, [p for p in pairs if p.place.metric == name], factor * accuracies[name])
        for name in names
        if name in accuracies
    ]
    unknown = [
        f"{name}: its accuracy is not known here" for name in names if name not in accuracies
    ]
    problems = [*_protocol(record, rerun), *structure(record.board, rerun.board), *unknown]
    beyond = [
        sentence
        for agreement in agreements
        if agreement is not None and not agreement.holds
        for sentence in _furthest(agreement, pairs)
    ]
    return Compared((*problems, *beyond), tuple(a for a in agreements if a is not None))


def same_setup(record: Record, rerun: Record) -> bool:
    """Return whether libraries, hardware and device are the same."""
    if record.run is None or rerun.run is None:
        return False
    device = record.run.config.get("device"), rerun.run.config.get("device")
    own = dict(record.run.versions), record.run.hardware
    return own == (dict(rerun.run.versions), rerun.run.hardware) and device[0] == device[1]


def metric_accuracies(board: Board, host: Host) -> dict[str, float]:
    """Return how exact each metric of a board says to be; those that are not here are left out."""
    return {name: metric.accuracy for name, metric in _of_its_version(board, host)}


def metric_ranges(board: Board, host: Host) -> dict[str, tuple[float, float]]:
    """Return the possible values of each metric of a board that is known here."""
    return {name: metric.range for name, metric in _of_its_version(board, host)}


def known_metrics(board: Board, host: Host) -> Iterator[tuple[MetricColumn, Metric]]:
    """Give the metrics of a board that are here, of whatever version, beside what it says."""
    for column in board.metrics:
        try:
            descriptor = host.get("metric", column.name).descriptor
        except PluginError:
            continue
        if isinstance(descriptor, Metric):
            yield column, descriptor


def _of_its_version(board: Board, host: Host) -> Iterator[tuple[str, Metric]]:
    for column, metric in known_metrics(board, host):
        if metric.version == column.version:
            yield column.name, metric


def _agreement(metric: str, pairs: list[Pair], accuracy: float) -> Agreement | None:
    stated = [pair for pair in pairs if (pair.stated, pair.found) != (None, None)]
    if not stated:
        return None
    rounding = _largest([p.stated for p in stated]) + _largest([p.found for p in stated])
    return Agreement(
        metric=metric,
        numbers=len(stated),
        tolerance=float(f"{accuracy + rounding:.3g}"),
        largest_difference=max(pair.difference for pair in stated),
    )


def _largest(numbers: list[float | None]) -> float:
    return rounding_of(numbers).of(*numbers)


def _furthest(agreement: Agreement, pairs: list[Pair]) -> Iterator[str]:
    of_metric = [pair for pair in pairs if pair.place.metric == agreement.metric]
    worst = max(of_metric, key=lambda pair: pair.difference)
    found = "nothing" if worst.found is None else f"{worst.found:.7g}"
    stated = "nothing" if worst.stated is None else f"{worst.stated:.7g}"
    off = "" if math.isinf(worst.difference) else f", {worst.difference:.2g} apart"
    yield (
        f"{worst.place}: the {worst.what} is stated as {stated}, the rerun gives {found}{off}; "
        f"they may be {agreement.tolerance:g} apart"
    )


def _protocol(record: Record, rerun: Record) -> Iterator[str]:
    for what in ("dataset", "case_set", "cases", "reference", "reference_version", "centre_bias"):
        stated, found = getattr(record.protocol, what), getattr(rerun.protocol, what)
        if stated != found:
            yield (
                f"the {what.replace('_', ' ')} of the record is {stated or 'not stated'}, that of "
                f"the rerun {found or 'not stated'}"
            )
