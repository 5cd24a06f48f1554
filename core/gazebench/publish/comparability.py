"""Whether a record may stand on a board: cases, reference, centre bias, metric versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gazebench.publish.record import Protocol, Record

HASH = 8  # digits of a SHA-256 that tell case sets apart in a sentence
NO_VERSION = 0  # of a metric, where a publication does not state it


def why_apart(record: Record, protocol: Protocol, versions: Mapping[str, int]) -> tuple[str, ...]:
    """Say in one sentence each how a record's protocol differs from a board's; () where it agrees.

    What either leaves unstated is not compared. A record stands apart as a whole: where its centre
    bias or the version of one metric is another, its other metrics would still be comparable, but
    a row of which half belongs elsewhere would be read as a whole one.

    Args:
        record: to be judged.
        protocol: of the board.
        versions: metric -> the version that the board shows.
    """
    return (*_other_protocol(record.protocol, protocol), *_other_versions(record, versions))


def unstated(record: Record) -> tuple[str, ...]:
    """Name the facts that a record leaves unstated, and that are therefore not compared."""
    protocol = record.protocol
    facts = {
        "the set of cases": protocol.case_set,
        "the number of cases": protocol.cases,
        "the version of the reference": protocol.reference_version,
        "the versions of the metrics": all(m.version != NO_VERSION for m in record.board.metrics),
        "the cases of the subsets": all(
            record.subset_sets.get(subset.name) for subset in record.board.subsets[1:]
        ),
    }
    return tuple(name for name, stated in facts.items() if not stated)


def _other_protocol(found: Protocol, board: Protocol) -> Iterator[str]:
    if found.dataset != board.dataset:
        yield f"its dataset is {found.dataset}, the board's is {board.dataset}"
        return  # whatever else differs is another dataset's business
    if _differ(found.cases, board.cases):
        yield f"it scores {found.cases} cases, the board {board.cases}"
    elif _differ(found.case_set, board.case_set):
        mine, theirs = found.case_set[:HASH], board.case_set[:HASH]
        yield f"its cases are others than the board's (set {mine}, the board has {theirs})"
    if found.reference != board.reference:
        yield f"its maps are compared with {found.reference}, the board's with {board.reference}"
    elif _differ(found.reference_version, board.reference_version):
        versions = f"{found.reference_version}, the board has {board.reference_version}"
        yield f"reference {found.reference} has version {versions}"
    if _differ(found.centre_bias, board.centre_bias):
        yield f"its centre bias is {found.centre_bias}, the board's is {board.centre_bias}"


def _other_versions(record: Record, versions: Mapping[str, int]) -> Iterator[str]:
    for metric in record.board.metrics:
        board = versions.get(metric.name, NO_VERSION)
        if NO_VERSION not in (metric.version, board) and metric.version != board:
            yield f"metric {metric.name} has version {metric.version}, the board has {board}"


def _differ(found: str | int | None, board: str | int | None) -> bool:
    """Tell whether both are stated, and not the same."""
    return bool(found) and bool(board) and found != board
