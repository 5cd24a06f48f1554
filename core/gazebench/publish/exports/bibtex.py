"""What to cite for an entry, for LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gazebench.publish.exports.cited import CitedEntry
from gazebench.publish.exports.works import Author, Work

# What TeX takes for its own, and how to write it; one pass, so that nothing is escaped twice.
ESCAPED = {
    "\\": r"\textbackslash{}",
    **{special: f"\\{special}" for special in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def bibtex(cited: CitedEntry) -> str:
    """Write one entry per work, the result's first."""
    keys = unique_keys(cited.works)
    return "\n".join(_entry(key, work) for key, work in zip(keys, cited.works, strict=True))


def unique_keys(works: Sequence[Work]) -> list[str]:
    """Return a key per work; of equal ones the second gets a "b", as bibliographies do."""
    keys: list[str] = []
    for work in works:
        same = sum(re.fullmatch(re.escape(work.key) + "[b-z]?", key) is not None for key in keys)
        keys.append(work.key + ("" if not same else chr(ord("a") + same)))
    return keys


def _entry(key: str, work: Work) -> str:
    lines = [f"  {name} = {{{value}}}" for name, value in _fields(work)]
    return f"% {' '.join(work.role.split())}\n@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _fields(work: Work) -> Iterator[tuple[str, str]]:
    if work.authors:
        names = [_author(author) for author in work.authors]
        yield "author", " and ".join([*names, *(["others"] if work.and_others else [])])
    else:
        yield "key", _tex(work.title)
    if work.remark:
        yield "note", _tex(work.remark)
    else:
        yield "title", f"{{{_tex(work.title)}}}"
    if work.version:
        yield "note", f"Version {_tex(work.version)}"
    if work.year and work.year not in work.remark:
        yield "year", work.year
    if work.doi:
        yield "doi", _tex(work.doi)
    if work.arxiv:
        yield "eprint", work.arxiv
        yield "archiveprefix", "arXiv"
    if work.address:
        yield "howpublished", f"\\url{{{work.address}}}"


def _author(author: Author) -> str:
    if author.is_group:
        return f"{{{_tex(author.name)}}}"
    return _tex(f"{author.name}, {author.given}" if author.given else author.name)


def _tex(text: str) -> str:
    one_line = " ".join(text.split())
    return "".join(ESCAPED.get(character, character) for character in one_line)
