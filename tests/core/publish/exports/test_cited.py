"""What is cited for an entry."""

from __future__ import annotations

import pytest

from gazebench.errors import UsageError
from gazebench.publish.exports.cited import cited_entry, declared_by
from gazebench.publish.record import Origin, Publication
from gazebench.registry.host import Host
from small_records import HASH, small_record

ENTRY = "sononet/gradcam/uniform"
DECLARED = {
    ("dataset", "reflacx"): "Lanfredi et al., Data 9, 2022",
    ("method", "gradcam"): "Selvaraju et al., ICCV 2017",
}


def declared(kind: str, label: str) -> str:
    """Return what the made-up plugins declare."""
    return DECLARED.get((kind, label), "")


def test_result_benchmark_protocol_dataset_and_method() -> None:
    """Everything behind a number is cited, the result itself first."""
    cited = cited_entry(small_record(), ENTRY, declared, sha256=HASH)

    assert [work.role for work in cited.works] == [
        "the result", "the benchmark", "the protocol", "the dataset", "the method",
    ]  # fmt: skip
    assert HASH in cited.works[0].text
    assert cited.works[1].version == "0.1.0"


def test_a_publication_is_itself_the_result() -> None:
    """Numbers copied from a paper are that paper's."""
    paper = Publication(citation="Smith et al., MedIA 2020", url="https://x.org", doi="10.1234/x")
    record = small_record(origin=Origin.PUBLICATION, publication=paper, run=None)

    result = cited_entry(record, ENTRY, declared).works[0]

    assert (result.key, result.doi) == ("smith2020", "10.1234/x")


def test_a_work_is_cited_once() -> None:
    """A paper behind several plugins stands once."""
    same = {("dataset", "reflacx"): "Doe, X 2020", ("method", "gradcam"): "Doe, X 2020"}

    works = cited_entry(small_record(), ENTRY, lambda k, n: same.get((k, n), "")).works

    assert sum(work.text == "Doe, X 2020" for work in works) == 1


def test_built_in_plugins_are_asked_for_their_references() -> None:
    """The host's plugins declare papers; an unknown one declares nothing."""
    find = declared_by(Host())

    assert "Selvaraju" in find("method", "gradcam:layer=3")
    assert "Wightman" in find("model", "timm/resnet50")
    assert find("method", "of_somebody_else") == ""


@pytest.mark.parametrize(
    ("entry", "message"),
    [("ceiling", "is a ceiling"), ("sononet/gradcam/unifrom", "has no entry")],
)
def test_what_cannot_be_cited_is_refused(entry: str, message: str) -> None:
    """A floor, the ceiling or a misspelt entry is named, with what there is."""
    with pytest.raises(UsageError, match=message) as caught:
        cited_entry(small_record(), entry, declared)

    assert ENTRY in caught.value.do
