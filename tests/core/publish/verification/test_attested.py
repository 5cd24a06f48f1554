"""Attestations that pass over parts of a record, or allow more than its metrics do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attestations import ACCURACY, attestation_of_same
from gazebench.publish.record import Badge, Origin
from gazebench.publish.record_file import StoredRecord
from gazebench.publish.verification.attestation import Attestation
from gazebench.publish.verification.attested import attests_too_leniently, attests_too_little
from gazebench.publish.verification.badges import badge_of
from small_records import HASH, small_record

ACCURACIES = {"auc": ACCURACY}
RECORD = small_record()


def honest() -> Attestation:
    """Return what a rerun with the same outcome attests."""
    return attestation_of_same(StoredRecord(record=RECORD, path=Path("small.json"), sha256=HASH))


def forged(**changes: Any) -> Attestation:
    """Return it with another account of its only metric."""
    (agreement,) = honest().metrics
    return replace(honest(), metrics=(replace(agreement, **changes),))


def test_a_rerun_attests_everything() -> None:
    """What is written by ourselves is enough, on the same setup and elsewhere."""
    elsewhere = replace(honest(), same_setup=False, hardware="arm64")
    for attestation in (honest(), elsewhere):
        assert list(attests_too_little(attestation, RECORD)) == []
        assert list(attests_too_leniently(attestation, RECORD, ACCURACIES)) == []


@pytest.mark.parametrize(
    ("attestation", "said"),
    [
        (forged(metric="other"), "the record states no other"),
        (forged(metric="other"), "auc is not compared"),
        (replace(honest(), metrics=honest().metrics * 2), "auc is twice compared"),
        (forged(numbers=1), "1 numbers of auc are compared, of 12"),
        (replace(honest(), versions={}), "it says that libraries and hardware were the record's"),
        (replace(honest(), hardware="mine"), "it says that libraries and hardware were the"),
    ],
)
def test_what_passes_over_something_earns_no_badge(attestation: Attestation, said: str) -> None:
    """The sentence is shown where the badge would be."""
    assert any(one.startswith(said) for one in attests_too_little(attestation, RECORD))
    earned = badge_of(RECORD, HASH, attestation=attestation, is_recomputed=True)
    assert earned.badge is Badge.CLAIMED
    assert earned.why


def test_a_publication_has_no_rerun() -> None:
    """There is no run to make again."""
    paper = replace(RECORD, origin=Origin.PUBLICATION, run=None)

    assert badge_of(paper, HASH, attestation=honest(), is_recomputed=True) == (
        Badge.CLAIMED,
        "it is of a publication: there is no run to make again",
    )


def test_tolerances_are_those_of_the_metrics() -> None:
    """Whoever allows more attests less; on another setup a hundred times as much is allowed."""
    wide = forged(tolerance=0.5, largest_difference=0.4)
    (sentence,) = attests_too_leniently(wide, RECORD, ACCURACIES)

    assert sentence.startswith("auc may be 0.5 off by it; the metric allows ")
    assert list(attests_too_leniently(wide, RECORD, {})) == []
