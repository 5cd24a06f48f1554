"""What an attestation has to say of a record, whoever wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from gazebench.publish.record import Record
from gazebench.publish.verification.agreement import ACROSS_SETUPS
from gazebench.publish.verification.attestation import Attestation
from gazebench.publish.verification.differences import scores
from gazebench.publish.verification.precision import rounding_of
from gazebench.spec.board import Board

ROUNDINGS = 10.0  # of stated numbers within a tolerance: two, and the last digits may be zeros


def attests_too_little(attestation: Attestation, record: Record) -> Iterator[str]:
    """Yield one sentence per part of a record that its attestation passes over.

    A rerun compares every score and both ends of its interval, on every metric.
    """
    if record.run is None:
        yield "it is of a publication: there is no run to make again"
        return
    expected = _numbers(record.board)
    found = [agreement.metric for agreement in attestation.metrics]
    for metric in sorted({*found} - expected.keys()):
        yield f"the record states no {metric}"
    for metric in sorted(expected):
        if found.count(metric) != 1:
            times = "twice" if found.count(metric) else "not"
            yield f"{metric} is {times} compared"
    for agreement in attestation.metrics:
        numbers = expected.get(agreement.metric, agreement.numbers)
        if agreement.numbers != numbers:
            yield f"{agreement.numbers} numbers of {agreement.metric} are compared, of {numbers}"
    same = dict(attestation.versions), attestation.hardware
    if attestation.same_setup and same != (dict(record.run.versions), record.run.hardware):
        yield "it says that libraries and hardware were the record's, and names others"


def attests_too_leniently(
    attestation: Attestation, record: Record, accuracies: Mapping[str, float]
) -> Iterator[str]:
    """Yield one sentence per tolerance that is wider than that of the metric.

    `accuracies` are those of the metrics that are known here.
    """
    factor = 1.0 if attestation.same_setup else ACROSS_SETUPS
    for agreement in attestation.metrics:
        if agreement.metric not in accuracies:
            continue
        stated = list(_stated(record.board, agreement.metric))
        rounding = rounding_of(stated).of(*stated)
        most = factor * accuracies[agreement.metric] + ROUNDINGS * rounding
        if agreement.tolerance > most:
            yield (
                f"{agreement.metric} may be {agreement.tolerance:g} off by it; the metric allows "
                f"{most:.3g}"
            )


def _numbers(board: Board) -> Counter[str]:
    names = [metric.name for metric in board.metrics]
    return +Counter({name: len(list(_stated(board, name))) for name in names})


def _stated(board: Board, metric: str) -> Iterator[float]:
    for subset in board.subsets:
        for row in subset.rows:
            if metric in row.cells:
                numbers = scores(row.cells[metric]).values()
                yield from (number for number in numbers if number is not None)
