"""The project's own citation file."""

from __future__ import annotations

from pathlib import Path

import yaml

from gazebench import __version__
from gazebench.publish.exports.works import PROTOCOL, software

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_project_says_how_it_is_cited() -> None:
    """What CFF 1.2.0 demands is there, and it agrees with what exports cite."""
    document = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text("utf-8"))
    (protocol,) = document["references"]
    ours = software(__version__)

    assert document["cff-version"] == "1.2.0"
    assert document["message"]
    assert (document["title"], document["version"]) == (ours.title, ours.version)
    assert [author["name"] for author in document["authors"]] == [a.name for a in ours.authors]
    assert (protocol["title"], str(protocol["year"])) == (PROTOCOL.title, PROTOCOL.year)
    assert PROTOCOL.arxiv in protocol["notes"]
    assert [(a["family-names"], a["given-names"]) for a in protocol["authors"]] == [
        (author.name, author.given) for author in PROTOCOL.authors
    ]
