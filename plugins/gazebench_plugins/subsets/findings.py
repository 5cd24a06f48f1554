"""Images by each finding."""

from __future__ import annotations

from gazebench.spec import Case, subset
from gazebench.spec.findings import PRESENT, agreed_findings


@subset(title="Each finding by itself")
def finding(case: Case, *, threshold: int = 0, certainty: int = PRESENT) -> tuple[str, ...] | None:
    """Return the findings that the majority of readings, or `threshold` of them, call present.

    Present is a certainty of at least `certainty`, of 1 (unlikely) to 5 (consistent with).
    """
    return agreed_findings(case, certainty=certainty, threshold=threshold)
