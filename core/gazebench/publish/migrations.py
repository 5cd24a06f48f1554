"""Records of earlier schemas, brought to the schema of today when they are read.

Files are never rewritten for it: their hashes, and what was attested of them, stay theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from gazebench.errors import RecordError
from gazebench.publish.documents import AGAIN, SEAL, broken_seal, newer_schema, sealed
from gazebench.publish.record import SCHEMA

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

# A schema -> what turns the content of its records into that of the next one. Whoever raises
# `SCHEMA` adds the step from the schema before; steps that are there are never changed.
MIGRATIONS: Mapping[int, Migration] = {}


def migrated(
    document: Mapping[str, Any],
    where: str,
    *,
    newest: int = SCHEMA,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> Mapping[str, Any]:
    """Return a record's document in the newest schema, sealed anew; one that is comes back as is.

    What is no schema at all is left to the check against the schema.

    Raises:
        RecordError: it is of a later schema, of one that nothing leads on from, or was altered.
    """
    newer = newer_schema(document, newest, where)
    if newer:
        raise RecordError(newer, do="install a later version of GazeBench")
    stated = document.get("schema")
    if not isinstance(stated, int) or isinstance(stated, bool) or stated == newest:
        return document
    lost = next((schema for schema in range(stated, newest) if schema not in migrations), None)
    if lost is not None:
        raise RecordError(
            f"{where} is of schema {stated}, which this GazeBench cannot bring to {newest}: no "
            f"step leads on from {lost}",
            do="publish the run again",
        )
    altered = broken_seal(document, where)
    if altered:
        raise RecordError(altered, do=AGAIN)
    content = deepcopy({key: value for key, value in document.items() if key != SEAL})
    for schema in range(stated, newest):
        content = {**migrations[schema](content), "schema": schema + 1}
    return sealed({**content, "migrated_from": stated})
