"""Attestations of reruns: written, read back, and refused when they are not what was written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gazebench.errors import RecordError
from gazebench.publish.documents import sealed
from gazebench.publish.record import Badge
from gazebench.publish.verification.attestation import (
    Agreement,
    Attestation,
    attestation_file,
    attestation_schema,
    attestation_text,
    read_attestation,
)
from gazebench.publish.verification.badges import attestation_of, badge_of
from small_records import HASH, small_record

GOOD = Attestation(
    record="small",
    record_sha256=HASH,
    versions={"torch": "2.9.0", "gazebench": "0.1.0"},
    hardware="x86_64, 2 CPUs",
    same_setup=True,
    metrics=(Agreement(metric="auc", numbers=12, tolerance=1.1e-5, largest_difference=2e-8),),
)


def written(folder: Path, attestation: Attestation = GOOD, **changes: Any) -> Path:
    """Write an attestation with other values under a seal that fits them."""
    document = {**json.loads(attestation_text(attestation)), **changes}
    file = folder / "small.rerun.json"
    file.write_text(json.dumps(sealed(document)))
    return file


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Nothing is lost, and the text is the same each time."""
    file = tmp_path / "small.rerun.json"
    for attestation in (GOOD, replace(GOOD, date="2026-11-23", same_setup=False)):
        file.write_text(attestation_text(attestation))

        assert read_attestation(file) == attestation
        assert file.read_text() == attestation_text(read_attestation(file))


def test_the_schema_is_one() -> None:
    """The published file is a JSON Schema of its draft."""
    Draft202012Validator.check_schema(attestation_schema())


def test_it_lies_beside_the_record() -> None:
    """One name, two endings."""
    assert attestation_file(Path("records/a-b.json")) == Path("records/a-b.rerun.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "is of schema 2; this GazeBench reads up to 1"),
        ({"who": "me"}, "unknown key 'who'"),
        ({"record_sha256": "x"}, "record_sha256: 'x' does not match"),
        ({"record": "other"}, "is the attestation of the record other"),
        ({"metrics": []}, "metrics: [] should be non-empty"),
    ],
)
def test_a_malformed_one_is_refused(changes: Any, message: str, tmp_path: Path) -> None:
    """Each fault has its own message."""
    with pytest.raises(RecordError) as caught:
        read_attestation(written(tmp_path, **changes))

    assert message in caught.value.message


def test_an_altered_one_is_refused(tmp_path: Path) -> None:
    """A value changed by hand breaks the seal."""
    file = tmp_path / "small.rerun.json"
    file.write_text(attestation_text(GOOD).replace("2e-08", "1e-09"))

    with pytest.raises(RecordError, match="was altered after it was written"):
        read_attestation(file)


def test_one_that_says_the_contrary_is_refused(tmp_path: Path) -> None:
    """A difference beyond the stated tolerance attests nothing."""
    far = Agreement(metric="auc", numbers=1, tolerance=1e-5, largest_difference=0.5)

    with pytest.raises(RecordError, match=r"the rerun's auc is 0.5 off, and may be 1e-05"):
        read_attestation(written(tmp_path, replace(GOOD, metrics=(far,))))


def test_the_badge_follows_from_what_is_there() -> None:
    """Claimed, recomputed, rerun; an attestation of another content is stale."""
    carries = small_record(case_scores=HASH)

    def badge(record: Any, sha: str, attestation: Attestation | None, recomputed: bool) -> Any:
        return badge_of(record, sha, attestation=attestation, is_recomputed=recomputed)

    assert badge(small_record(), HASH, None, True).badge is Badge.CLAIMED
    assert badge(carries, HASH, None, False).badge is Badge.CLAIMED
    assert badge(carries, HASH, None, True) == (Badge.RECOMPUTED, "")
    elsewhere = replace(GOOD, same_setup=False)
    assert badge(carries, HASH, elsewhere, True) == (Badge.RERUN, "")
    stale = badge(carries, "cd" * 32, GOOD, True)
    assert stale.badge is Badge.RECOMPUTED
    assert "another content of small" in stale.why


def test_a_broken_attestation_counts_for_nothing(tmp_path: Path) -> None:
    """It is reported, not believed."""
    record = tmp_path / "small.json"

    assert attestation_of(record) == (None, "")
    written(tmp_path, schema=2)
    assert attestation_of(record)[0] is None
    assert "schema 2" in attestation_of(record)[1]
    written(tmp_path)
    assert attestation_of(record) == (GOOD, "")
