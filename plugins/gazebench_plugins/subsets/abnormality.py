"""Abnormal and normal images, by the readers' labels."""

from __future__ import annotations

from gazebench.spec import Case, subset
from gazebench.spec.findings import Findings, readings_agree

NOT_ABNORMAL = "quality issue"  # says something of the image, not of the patient


@subset(title="Abnormal images", reference="arXiv 2112.11716, table 2")
def abnormal(case: Case, *, threshold: int = 0) -> bool | None:
    """Say whether the majority of readings, or `threshold` of them, gave any label.

    Any certainty above zero counts, and every label but "Quality issue": support devices and
    "Other" are abnormal too.
    """
    return readings_agree(case, _has_any_label, threshold=threshold)


@subset(title="Normal images", reference="arXiv 2112.11716, table 2")
def normal(case: Case, *, threshold: int = 0) -> bool | None:
    """Say whether the case is not abnormal."""
    is_abnormal = readings_agree(case, _has_any_label, threshold=threshold)
    return None if is_abnormal is None else not is_abnormal


def _has_any_label(findings: Findings) -> bool:
    return any(
        certainty and label.casefold() != NOT_ABNORMAL for label, certainty in findings.items()
    )
