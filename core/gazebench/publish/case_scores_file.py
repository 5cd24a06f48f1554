"""The file of salted per-case scores: one line per entry, seed and metric."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from gazebench.errors import RecordError
from gazebench.publish import texts
from gazebench.publish.case_scores import CaseScores, ScoreLine
from gazebench.publish.documents import (
    AGAIN,
    SEAL,
    broken_seal,
    newer_schema,
    read_document,
    schema_problems,
    sealed,
)
from gazebench.spec.values import EntryKind

FORMAT, SCHEMA = "gazebench-case-scores", 1
SUFFIX = ".cases.json"  # in place of the record's ".json"


class CaseScoresText(NamedTuple):
    """What stands in the file, and the hash of its content, which the record names."""

    text: str
    sha256: str


def case_scores_file(record: Path) -> Path:
    """Return where the case scores of a record's file lie."""
    return record.with_name(record.name.removesuffix(".json") + SUFFIX)


def case_scores_text(case_scores: CaseScores) -> CaseScoresText:
    """Return what stands in the file: the same text for the same scores, always."""
    document = sealed(
        {
            "format": FORMAT,
            "schema": SCHEMA,
            "dataset": case_scores.dataset,
            "cases": list(case_scores.cases),
            "readings": [list(numbers) for numbers in case_scores.readings],
            "clusters": list(case_scores.clusters),
            "subsets": {name: list(found) for name, found in case_scores.subsets.items()},
            "scores": [_plain(line) for line in case_scores.lines],
        }
    )
    parts = [f" {json.dumps(key)}: {_lines(key, value)}" for key, value in document.items()]
    return CaseScoresText("{\n" + ",\n".join(parts) + "\n}\n", document[SEAL])


def read_case_scores(path: Path) -> tuple[CaseScores, str]:
    """Read case scores, and the hash of their content.

    Raises:
        RecordError: whatever is wrong with the file; names the place in it.
    """
    document, where = read_document(path), str(path)
    newer = newer_schema(document, SCHEMA, where)
    if newer:
        raise RecordError(newer, do="install a later version of GazeBench")
    problem = next(schema_problems(document, _quick_schema()), None)
    if problem is not None:
        raise RecordError(f"{where} holds no case scores: {problem}", do=AGAIN)
    altered = broken_seal(document, where)
    if altered:
        raise RecordError(altered, do=AGAIN)
    for line in document["scores"]:
        _check_numbers(line["values"], f"{where}: {line['entry']}, {line['metric']}")
    case_scores = _case_scores(document)
    for sentence in _faults(case_scores):
        raise RecordError(f"{where}: {sentence}", do=AGAIN)
    return case_scores, document[SEAL]


def case_scores_schema() -> dict[str, Any]:
    """Return the published JSON Schema of the file."""
    text = resources.files(__package__).joinpath("case_scores.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _quick_schema() -> dict[str, Any]:
    """Leave the scores to `_check_numbers`: a validator takes seconds for half a million."""
    schema = case_scores_schema()
    del schema["properties"]["scores"]["items"]["properties"]["values"]["items"]
    return schema


def _check_numbers(values: list[Any], where: str) -> None:
    kinds = {type(value) for value in values} - {float, int, type(None)}
    if kinds:
        found = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise RecordError(f"{where}: found {found} among the scores, expected numbers", do=AGAIN)


def _faults(case_scores: CaseScores) -> Iterator[str]:
    """Say what no schema can: lengths, order, and texts that must not be published."""
    cases, units = len(case_scores.cases), sum(map(len, case_scores.readings))
    if list(case_scores.cases) != sorted(case_scores.cases):
        yield "its cases are not sorted"
    if len(case_scores.readings) != cases:
        yield f"it has readings of {len(case_scores.readings)} cases, and {cases} cases"
    if len(case_scores.clusters) not in (0, cases):
        yield f"it has clusters of {len(case_scores.clusters)} cases, and {cases} cases"
    for name, found in case_scores.subsets.items():
        texts.name(name, "subsets")
        if any(index >= cases for index in found):
            yield f"the subset {name} has case {max(found)}, and there are {cases}"
    for line in case_scores.lines:
        yield from _line_faults(line, units)


def _line_faults(line: ScoreLine, units: int) -> Iterator[str]:
    where = f"{line.entry}, seed {line.seed}, {line.metric}"
    texts.name(line.entry, "an entry")
    texts.name(line.metric, f"the metric of {line.entry}")
    for reason in line.reasons.values():
        texts.prose(reason, f"a reason of {line.entry}")
    if len(line.values) != units:
        yield f"{where}: {len(line.values)} values, expected {units}, one per reading"
        return
    missing = [unit for found in line.gaps.values() for unit in found]
    if len(set(missing)) < len(missing) or any(u >= units for u in missing):
        yield f"{where}: a gap stands twice, or where there is no reading"
    elif any(line.values[unit] is not None for unit in missing):
        yield f"{where}: a reading has a value, and is said to have none"


def _lines(key: str, value: Any) -> str:
    if key != "scores":
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    lines = [json.dumps(one, ensure_ascii=False, allow_nan=False) for one in value]
    return "[\n" + ",\n".join(f"  {line}" for line in lines) + "\n ]"


def _plain(line: ScoreLine) -> dict[str, Any]:
    return {
        "entry": line.entry,
        "kind": str(line.kind),
        "seed": line.seed,
        "metric": line.metric,
        "values": list(line.values),
        **({"gaps": {s: list(units) for s, units in line.gaps.items()}} if line.gaps else {}),
        **({"reasons": dict(line.reasons)} if line.reasons else {}),
    }


def _case_scores(document: Mapping[str, Any]) -> CaseScores:
    return CaseScores(
        dataset=document["dataset"],
        cases=tuple(document["cases"]),
        readings=tuple(map(tuple, document["readings"])),
        clusters=tuple(document["clusters"]),
        subsets={name: tuple(found) for name, found in document["subsets"].items()},
        lines=tuple(map(_line, document["scores"])),
    )


def _line(document: Mapping[str, Any]) -> ScoreLine:
    return ScoreLine(
        entry=document["entry"],
        kind=EntryKind(document["kind"]),
        seed=document["seed"],
        metric=document["metric"],
        values=tuple(None if v is None else float(v) for v in document["values"]),
        gaps={status: tuple(units) for status, units in document.get("gaps", {}).items()},
        reasons=document.get("reasons", {}),
    )
