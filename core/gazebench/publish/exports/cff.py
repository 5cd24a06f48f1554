"""What to cite for an entry, as a Citation File Format 1.2.0 file."""

from __future__ import annotations

from typing import Any

import yaml

from gazebench.publish.exports.cited import CitedEntry
from gazebench.publish.exports.works import Author, Work

VERSION = "1.2.0"
MESSAGE = "If you use this result, please cite it together with all references below."


def cff(cited: CitedEntry) -> str:
    """Write CITATION.cff: the result, and as its references all other works."""
    result, *others = cited.works
    document: dict[str, Any] = {
        "cff-version": VERSION,
        "message": MESSAGE,
        "type": "dataset",
        "title": result.title,
        "authors": _authors(result),
        **_identifiers(result),
        "references": [_reference(work) for work in others],
    }
    return yaml_text(document)


def yaml_text(document: Any) -> str:
    """Write YAML in the order of its keys, lines of up to 100 columns."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _reference(work: Work) -> dict[str, Any]:
    return {
        "type": "software" if work.version else "generic",
        "title": work.title,
        "authors": _authors(work),
        **({"version": work.version} if work.version else {}),
        **({"year": int(work.year)} if work.year else {}),
        **_identifiers(work),
        "notes": work.role,
    }


def _identifiers(work: Work) -> dict[str, str]:
    found = {"doi": work.doi, "url": work.address}
    return {name: value for name, value in found.items() if value}


def _authors(work: Work) -> list[dict[str, str]]:
    named = [_author(author) for author in work.authors]
    return [*named, *([{"name": "others"}] if work.and_others else [])] or [{"name": work.title}]


def _author(author: Author) -> dict[str, str]:
    if author.is_group:
        return {"name": author.name}
    given = {"given-names": author.given} if author.given else {}
    return {"family-names": author.name, **given}
