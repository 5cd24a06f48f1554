"""A record beside a run on the data: one that is there, or one that is made of its settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gazebench.engine.config import RunConfig
from gazebench.engine.store import write_text
from gazebench.errors import RecordError
from gazebench.publish.board_file import StoredBoard, read_board
from gazebench.publish.make_record import make_record
from gazebench.publish.record import Record
from gazebench.publish.record_file import StoredRecord, read_record
from gazebench.publish.run_settings import run_config_of
from gazebench.publish.verification.agreement import (
    Compared,
    compare_with_rerun,
    metric_accuracies,
    same_setup,
)
from gazebench.publish.verification.attestation import (
    Agreement,
    Attestation,
    attestation_file,
    attestation_text,
)
from gazebench.publish.verification.checks import Check, CheckName, judged, passed
from gazebench.publish.verification.folder import find
from gazebench.registry.host import Host

DO = "see what differs: the data, the weights, the plugins or their versions"


class Rerun(NamedTuple):
    """A record, the record of the run made here, and what came of comparing them."""

    stored: StoredRecord
    rerun: Record
    compared: Compared


def read_one(path: Path) -> tuple[StoredRecord, StoredBoard]:
    """Read the record that a path names, and its board.

    Raises:
        RecordError: the path is no record's file, or one of the two cannot be read.
    """
    (board, *others) = find(path).boards
    if others or board.is_whole:
        raise RecordError(
            f"{path} is no record; a run is compared with one record at a time",
            do="name one file below records/",
        )
    return read_record(board.records[0]), read_board(board.path)


def settings_of(stored: StoredRecord, files: Path, **changes: Any) -> RunConfig:
    """Return the configuration that makes a record's run again.

    Files that the record names are looked for in `files`; `changes` are settings of this machine.

    Raises:
        RecordError: the record is a publication's.
        UsageError: it states a setting that this version does not know.
    """
    if stored.record.run is None:
        raise RecordError(
            f"{stored.path} is of a publication: there is no run to make again",
            do="run the benchmark on its dataset, and publish that",
        )
    return run_config_of(stored.record.run.config, files=files, **changes)


def compare_with_run(path: Path, folder: Path, host: Host) -> Rerun:
    """Hold a record against the folder of a run of the same settings.

    Raises:
        RecordError: there is no record, or no finished run.
        DataError: the scores of the run cannot be read.
    """
    stored, board = read_one(path)
    made = make_record(
        folder,
        host,
        name=stored.record.name,
        title=stored.record.title,
        salt=board.salt,
        with_case_scores=bool(stored.record.case_scores),
    )
    accuracies = metric_accuracies(stored.record.board, host)
    return Rerun(stored, made.record, compare_with_rerun(stored.record, made.record, accuracies))


def rerun_check(rerun: Rerun) -> Check:
    """Return what came of it as one check; where it holds it says how far numbers were apart."""
    where = rerun.stored.path.name
    if not rerun.compared.holds:
        return judged(CheckName.RERUN, where, rerun.compared.problems, do=DO)
    return passed(CheckName.RERUN, where, *_sentences(rerun))


def attest(rerun: Rerun, date: str = "") -> Path:
    """Write the attestation beside the record.

    Raises:
        RecordError: the rerun does not agree with the record.
        RunError: the file cannot be written.
    """
    if not rerun.compared.holds:
        raise RecordError(
            f"the rerun does not agree with {rerun.stored.path}: nothing is attested", do=DO
        )
    run = rerun.rerun.run
    assert run is not None, "the record was made of a run"
    attestation = Attestation(
        record=rerun.stored.record.name,
        record_sha256=rerun.stored.sha256,
        versions=run.versions,
        hardware=run.hardware,
        same_setup=same_setup(rerun.stored.record, rerun.rerun),
        metrics=rerun.compared.agreements,
        date=date,
    )
    file = attestation_file(rerun.stored.path)
    write_text(file, attestation_text(attestation))
    return file


def _sentences(rerun: Rerun) -> Iterator[str]:
    kind = "the same" if same_setup(rerun.stored.record, rerun.rerun) else "another"
    yield f"made on {kind} setup of libraries and hardware"
    yield from (_sentence(agreement) for agreement in rerun.compared.agreements)


def _sentence(agreement: Agreement) -> str:
    return (
        f"{agreement.metric}: {agreement.numbers} numbers, at most "
        f"{agreement.largest_difference:.1g} apart; they may be {agreement.tolerance:.2g}"
    )
