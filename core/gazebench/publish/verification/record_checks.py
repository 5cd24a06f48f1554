"""Every check of one record's file, its case scores and its attestation; no data are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gazebench.errors import GazeBenchError, RecordError
from gazebench.publish.board_file import StoredBoard
from gazebench.publish.case_scores import CaseScores
from gazebench.publish.case_scores_file import case_scores_file, read_case_scores
from gazebench.publish.comparability import why_apart
from gazebench.publish.documents import (
    SEAL,
    broken_seal,
    read_document,
    schema_problems,
)
from gazebench.publish.migrations import migrated
from gazebench.publish.record import Record
from gazebench.publish.record_file import record_of, record_schema
from gazebench.publish.run_command import rerun_command
from gazebench.publish.salting import case_set_of
from gazebench.publish.verification.agreement import metric_accuracies, metric_ranges
from gazebench.publish.verification.attestation import (
    REMEDY,
    attestation_file,
    read_attestation,
)
from gazebench.publish.verification.attested import attests_too_leniently, attests_too_little
from gazebench.publish.verification.badges import stale
from gazebench.publish.verification.checks import (
    Check,
    CheckName,
    judged,
    noted,
    passed,
    skipped,
)
from gazebench.publish.verification.consistency import WHOLE, contradictions
from gazebench.publish.verification.metric_claims import scores_out_of_range, wrong_columns
from gazebench.publish.verification.recompute import recomputed_board, unlike
from gazebench.registry.host import Host

PUBLISH = "publish the run again with `gazebench publish`"
AS_THEY_WERE = "put both files back as they were published, or publish the run again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A record's file that is being looked at.

    Attributes:
        where: its path as checks name it.
        board: None where the board's settings cannot be read.
    """

    path: Path
    where: str
    board: StoredBoard | None
    host: Host


def record_checks(looked: Looked) -> Iterator[Check]:
    """Yield the checks of a record, in their order; after what cannot be read nothing follows."""
    try:
        file = read_document(looked.path)
    except RecordError as error:
        yield judged(CheckName.FORMAT, looked.where, [error.message], do=error.do)
        return
    yield passed(CheckName.FORMAT, looked.where)
    try:
        document = migrated(file, "the record")
    except RecordError as error:
        yield judged(CheckName.SCHEMA, looked.where, [error.message], do=error.do)
        return
    faults = list(schema_problems(document, record_schema()))
    yield judged(CheckName.SCHEMA, looked.where, faults, do=PUBLISH)
    if faults:
        return
    altered = broken_seal(document, looked.path.name)
    yield judged(CheckName.CONTENT, looked.where, filter(None, [altered]), do=PUBLISH)
    try:
        record = record_of(document, looked.path.name)
    except RecordError as error:
        yield judged(CheckName.LEAKS, looked.where, [error.message], do=error.do)
        return
    yield _name(record, looked)
    yield from _board_checks(record, looked)
    ranges = metric_ranges(record.board, looked.host)
    problems = [*wrong_columns(record, looked.host), *contradictions(record, ranges)]
    yield judged(CheckName.CONSISTENCY, looked.where, problems, do=PUBLISH)
    yield from _evidence_checks(record, looked)
    yield _attestation(record, looked, str(file[SEAL]))


def _name(record: Record, looked: Looked) -> Check:
    expected = f"{record.name}.json"
    problem = "" if looked.path.name == expected else f"it is the record {record.name}"
    do = f"call the file {expected}, or publish the run under the other name"
    return judged(CheckName.NAME, looked.where, filter(None, [problem]), do=do)


def _board_checks(record: Record, looked: Looked) -> Iterator[Check]:
    if looked.board is None:
        yield skipped(CheckName.BOARD, looked.where, "the board's settings cannot be read")
        return
    settings = looked.board.settings
    if record.protocol.dataset != settings.protocol.dataset:
        problem = (
            f"it is of the dataset {record.protocol.dataset}; the board {settings.name} is of "
            f"{settings.protocol.dataset}"
        )
        yield judged(CheckName.BOARD, looked.where, [problem], do="publish it to its own board")
        return
    if settings.is_restricted and not record.is_restricted:
        problem = "it says that its dataset is open; the board's is restricted"
        yield judged(CheckName.BOARD, looked.where, [problem], do=PUBLISH)
        return
    why = why_apart(record, settings.protocol, settings.versions)
    if why:
        command = rerun_command(record, settings.protocol)
        said = [f"it stands apart: {sentence}" for sentence in why]
        yield noted(CheckName.BOARD, looked.where, said, do=command)
    else:
        yield passed(CheckName.BOARD, looked.where)


def _evidence_checks(record: Record, looked: Looked) -> Iterator[Check]:
    """Case scores, what they say about subsets, and what follows from them."""
    path = case_scores_file(looked.path)
    if not record.case_scores:
        yield _no_case_scores(path, looked)
        return
    try:
        case_scores, sha256 = read_case_scores(path)
        if sha256 != record.case_scores:
            raise RecordError(
                f"{path.name} holds other case scores than the record was made of: found SHA-256 "
                f"{sha256}, expected {record.case_scores}"
            )
    except RecordError as error:
        do = error.do or AS_THEY_WERE
        yield judged(CheckName.CASE_SCORES, looked.where, [error.message], do=do)
        return
    limits = metric_ranges(record.board, looked.host)
    problems = [
        *_not_of_the_record(record, case_scores),
        *scores_out_of_range(case_scores, limits),
    ]
    yield judged(CheckName.CASE_SCORES, looked.where, problems, do=AS_THEY_WERE)
    wrong = _wrong_subsets(record, case_scores)
    yield judged(CheckName.SUBSETS, looked.where, wrong, do=PUBLISH)
    try:
        found = list(unlike(record.board, recomputed_board(record, case_scores)))
    except GazeBenchError as error:
        found = [f"it cannot be recomputed: {error.message}"]
    yield judged(CheckName.STATISTICS, looked.where, found, do=PUBLISH)


def _no_case_scores(path: Path, looked: Looked) -> Check:
    if path.exists():
        problem = f"{path.name} lies beside it, and the record names no case scores"
        return judged(CheckName.CASE_SCORES, looked.where, [problem], do=AS_THEY_WERE)
    return skipped(
        CheckName.CASE_SCORES, looked.where, "it carries none; its numbers are only claimed"
    )


def _not_of_the_record(record: Record, case_scores: CaseScores) -> Iterator[str]:
    if case_scores.dataset != record.board.dataset:
        yield f"they are of {case_scores.dataset}, the record of {record.board.dataset}"


def _wrong_subsets(record: Record, case_scores: CaseScores) -> Iterator[str]:
    """Hold sizes and hashes of all sets of cases against the case scores."""
    members = {WHOLE: frozenset(case_scores.cases), **case_scores.members()}
    stated = {WHOLE: record.protocol.case_set, **record.subset_sets}
    images = {subset.name: subset.n_images for subset in record.board.subsets}
    if record.protocol.cases not in (None, len(case_scores.cases)):
        yield (
            f"{WHOLE}: the record is of {record.protocol.cases} cases, its case scores of "
            f"{len(case_scores.cases)}"
        )
    for name in sorted({*stated, *images} - members.keys()):
        yield f"{name}: the case scores do not say which cases it has"
    for name, cases in members.items():
        if images.get(name, len(cases)) != len(cases):
            yield f"{name}: stated are {images[name]} images, the case scores have {len(cases)}"
        found = case_set_of(cases)
        if stated.get(name) != found:
            shown = stated.get(name) or "not stated"
            yield f"{name}: the hash of its cases is {shown}, the case scores give {found}"


def _attestation(record: Record, looked: Looked, sha256: str) -> Check:
    path = attestation_file(looked.path)
    if not path.is_file():
        return skipped(CheckName.ATTESTATION, looked.where, "nobody attests a rerun")
    try:
        attestation = read_attestation(path)
    except RecordError as error:
        return judged(CheckName.ATTESTATION, looked.where, [error.message], do=error.do)
    if attestation.record_sha256 != sha256:
        do = "delete it, or make the run again: `gazebench verify RECORD --rerun --write`"
        return noted(CheckName.ATTESTATION, looked.where, [stale(attestation, sha256)], do=do)
    accuracies = metric_accuracies(record.board, looked.host)
    problems = [
        *attests_too_little(attestation, record),
        *attests_too_leniently(attestation, record, accuracies),
    ]
    return judged(CheckName.ATTESTATION, looked.where, problems, do=REMEDY)
