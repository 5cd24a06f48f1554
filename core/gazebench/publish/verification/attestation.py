"""The file beside a record that says: somebody made the run again, and got the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from gazebench.errors import RecordError
from gazebench.publish.documents import (
    broken_seal,
    newer_schema,
    read_document,
    schema_problems,
    sealed,
)

FORMAT, SCHEMA = "gazebench-rerun", 1
SUFFIX = ".rerun.json"  # in place of the record's ".json"
REMEDY = "delete it, or make it again with `gazebench verify RECORD --rerun --write`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well a rerun agrees with a record on one metric.

    Attributes:
        numbers: how many scores and ends of intervals were compared.
        tolerance: how far two of them may be apart, in the metric's unit.
    """

    metric: str
    numbers: int
    tolerance: float
    largest_difference: float

    @property
    def holds(self) -> bool:
        """Whether nothing is further apart than it may be."""
        return self.largest_difference <= self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """That a record was made again, from the data, with the same scores.

    Attributes:
        record: its name.
        record_sha256: of its content; the attestation is of no other.
        versions: library -> version, of the rerun.
        hardware: of the rerun.
        same_setup: whether both were those of the record; then the closer tolerances hold.
        date: of the rerun, YYYY-MM-DD; "" where nobody stated it.
    """

    record: str
    record_sha256: str
    versions: Mapping[str, str] = field(default_factory=dict)
    hardware: str
    same_setup: bool
    metrics: tuple[Agreement, ...]
    date: str = ""


def attestation_file(record: Path) -> Path:
    """Return where the attestation of a record's file lies."""
    return record.with_name(record.name.removesuffix(".json") + SUFFIX)


def attestation_text(attestation: Attestation) -> str:
    """Return what stands in the file."""
    document = {
        "format": FORMAT,
        "schema": SCHEMA,
        "record": attestation.record,
        "record_sha256": attestation.record_sha256,
        **({"date": attestation.date} if attestation.date else {}),
        "versions": dict(sorted(attestation.versions.items())),
        "hardware": attestation.hardware,
        "same_setup": attestation.same_setup,
        "metrics": [_metric(agreement) for agreement in attestation.metrics],
    }
    return json.dumps(sealed(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_attestation(path: Path) -> Attestation:
    """Read an attestation and hold it to its schema, its hash and its own tolerances.

    Raises:
        RecordError: it is malformed, of a later schema, was altered, or says itself that the rerun
            differs.
    """
    document = read_document(path)
    newer = newer_schema(document, SCHEMA, str(path))
    if newer:
        raise RecordError(newer, do="install a later version of GazeBench")
    problem = next(schema_problems(document, attestation_schema()), None)
    if problem is not None:
        raise RecordError(f"{path} is no attestation of a rerun: {problem}", do=REMEDY)
    altered = broken_seal(document, str(path))
    if altered:
        raise RecordError(altered, do=REMEDY)
    attestation = _attestation(document)
    for sentence in _disagreements(attestation, path):
        raise RecordError(sentence, do=REMEDY)
    return attestation


def attestation_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    text = resources.files(__package__).joinpath("rerun.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _disagreements(attestation: Attestation, path: Path) -> Iterator[str]:
    if path.name.removesuffix(SUFFIX) != attestation.record:
        yield f"{path} is the attestation of the record {attestation.record}"
    for agreement in attestation.metrics:
        if not agreement.holds:
            yield (
                f"{path} says itself that the rerun's {agreement.metric} is "
                f"{agreement.largest_difference:g} off, and may be {agreement.tolerance:g}"
            )


def _metric(agreement: Agreement) -> dict[str, Any]:
    return {
        "metric": agreement.metric,
        "numbers": agreement.numbers,
        "tolerance": agreement.tolerance,
        "largest_difference": float(f"{agreement.largest_difference:.2g}"),
    }


def _attestation(document: Mapping[str, Any]) -> Attestation:
    return Attestation(
        record=document["record"],
        record_sha256=document["record_sha256"],
        versions=document["versions"],
        hardware=document["hardware"],
        same_setup=document["same_setup"],
        date=document.get("date", ""),
        metrics=tuple(
            Agreement(
                metric=metric["metric"],
                numbers=metric["numbers"],
                tolerance=metric["tolerance"],
                largest_difference=metric["largest_difference"],
            )
            for metric in document["metrics"]
        ),
    )
