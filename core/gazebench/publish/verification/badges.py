"""How far a record's numbers can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gazebench.errors import RecordError
from gazebench.publish.record import Badge, Record
from gazebench.publish.verification.attestation import (
    Attestation,
    attestation_file,
    read_attestation,
)
from gazebench.publish.verification.attested import attests_too_little


class Badged(NamedTuple):
    """A badge, and why it is no better one where somebody could think so; "" otherwise."""

    badge: Badge
    why: str = ""


def badge_of(
    record: Record, sha256: str, *, attestation: Attestation | None, is_recomputed: bool
) -> Badged:
    """Return the badge that a record has earned.

    `sha256` is that of the record's content; `is_recomputed` says that every cell follows from
    the case scores. An attestation of another content is ignored, and said to be stale; so is one
    that passes over parts of the record.
    """
    why = ""
    if attestation is not None:
        if attestation.record_sha256 != sha256:
            why = stale(attestation, sha256)
        else:
            why = next(attests_too_little(attestation, record), "")
        if not why:
            return Badged(Badge.RERUN)
    return Badged(Badge.RECOMPUTED if record.case_scores and is_recomputed else Badge.CLAIMED, why)


def attestation_of(record: Path) -> tuple[Attestation | None, str]:
    """Return the attestation beside a record's file, or why the one there counts for nothing."""
    path = attestation_file(record)
    if not path.is_file():
        return None, ""
    try:
        return read_attestation(path), ""
    except RecordError as error:
        return None, error.message


def stale(attestation: Attestation, sha256: str) -> str:
    """Say that an attestation is of what a record was before."""
    return (
        f"the attestation is of another content of {attestation.record} (SHA-256 "
        f"{attestation.record_sha256[:12]}, the record has {sha256[:12]}); it counts for nothing"
    )
