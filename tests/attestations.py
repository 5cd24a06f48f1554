"""Attestations as they are written after reruns."""

from __future__ import annotations

from pathlib import Path

from gazebench.publish.record_file import StoredRecord, read_record
from gazebench.publish.verification.agreement import compare_with_rerun
from gazebench.publish.verification.attestation import (
    Attestation,
    attestation_file,
    attestation_text,
)

ACCURACY = 1e-5


def attestation_of_same(stored: StoredRecord) -> Attestation:
    """Return what is attested after a rerun with the very same outcome."""
    record = stored.record
    assert record.run is not None
    accuracies = {metric.name: ACCURACY for metric in record.board.metrics}
    return Attestation(
        record=record.name,
        record_sha256=stored.sha256,
        versions=record.run.versions,
        hardware=record.run.hardware,
        same_setup=True,
        metrics=compare_with_rerun(record, record, accuracies).agreements,
    )


def attest(record: Path) -> Path:
    """Say beside a record's file that somebody made the run again; return that file."""
    file = attestation_file(record)
    file.write_text(attestation_text(attestation_of_same(read_record(record))), "utf-8")
    return file
