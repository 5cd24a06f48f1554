"""What is in a dataset, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gazebench.spec.contracts import OpenDataset
from gazebench.spec.values import Case

PRESENT = 3  # the certainty from which a finding counts as present
FACETS = ("phase", "split", "view")


def summarise(dataset: OpenDataset) -> dict[str, Any]:
    """Count an opened dataset's cases, readings and findings.

    `complete` cases have every reading of the study design; `discarded` counts the readings that
    the others lack. `findings` gives, per label, the readings with certainty 3 or more and the
    readings that know the label.

    Raises:
        DataError: the dataset cannot be read.
    """
    cases = dataset.cases()
    summary: dict[str, Any] = {
        "cases": len(cases),
        "with pixels": sum(case.has_image for case in cases),
        "complete": sum(case.is_complete for case in cases),
        "readings": sum(len(case.readings) for case in cases),
        "discarded": sum(max(case.expected_readings - len(case.readings), 0) for case in cases),
        "readings per case": _counts(len(case.readings) for case in cases),
        "subjects": len({case.subject for case in cases if case.subject is not None}),
        "height": _range(case.size.height for case in cases),
        "width": _range(case.size.width for case in cases),
    }
    for facet in FACETS:
        values = [case.attributes[facet] for case in cases if facet in case.attributes]
        if values:
            summary[facet] = _counts(values)
    return {**summary, "findings": findings(cases), "fingerprint": dataset.fingerprint()}


def findings(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    """Count, per label, the readings that say it is present and those that know it.

    >>> from gazebench.spec import Reading, Size
    >>> readings = (Reading(id="a", findings={"Nodule": 4}), Reading(id="b"))
    >>> case = Case(id="1", size=Size(2, 2), readings=readings, expected_readings=2)
    >>> findings([case])
    {'Nodule': {'present': 1, 'of': 1}}
    """
    known: Counter[str] = Counter()
    present: Counter[str] = Counter()
    for case in cases:
        for reading in case.readings:
            known.update(reading.findings.keys())
            present.update(k for k, value in reading.findings.items() if value >= PRESENT)
    return {label: {"present": present[label], "of": known[label]} for label in sorted(known)}


def _counts(values: Any) -> dict[str, int]:
    return {str(value): count for value, count in sorted(Counter(values).items())}


def _range(values: Any) -> str:
    found = sorted(values)
    if not found:
        return ""
    return str(found[0]) if found[0] == found[-1] else f"{found[0]} to {found[-1]}"
