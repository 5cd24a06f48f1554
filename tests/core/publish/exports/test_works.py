"""References as plugins declare them, read for bibliographies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.publish.exports.works import PROTOCOL, declared_work, declared_works
from gazebench.registry.host import Host
from gazebench.spec.descriptors import KINDS


@pytest.mark.parametrize(
    ("text", "authors", "others", "title", "year"),
    [
        ("Selvaraju et al., ICCV 2017", ["Selvaraju"], True, "ICCV 2017", "2017"),
        ("Srinivas and Fleuret, NeurIPS 2019", ["Srinivas", "Fleuret"], False, None, "2019"),
        ("Lundberg & Lee, NeurIPS 2017", ["Lundberg", "Lee"], False, "NeurIPS 2017", "2017"),
        ("Cai, arXiv 2501.06261 (2025)", ["Cai"], False, "arXiv 2501.06261 (2025)", "2025"),
        ("Judd, Ehinger, Durand, Learning to see, ICCV (2009)", ["Judd", "Ehinger", "Durand"],
         False, "Learning to see, ICCV (2009)", "2009"),
        ("Kümmerer, Wallis, Bethge, Comparison, PNAS 112(52):16054-16059 (2015)", None, False,
         None, "2015"),
        ("pytorch-grad-cam, Gildenblat (2021)", [], False, "pytorch-grad-cam, Gildenblat (2021)",
         "2021"),
    ],
)  # fmt: skip
def test_authors_title_and_year(
    text: str, authors: list[str] | None, others: bool, title: str | None, year: str
) -> None:
    """Surnames at the head are authors; the rest is left as it was declared."""
    work = declared_work(text, "the method")

    assert work is not None
    assert authors is None or authors == [author.name for author in work.authors]
    assert (others, year) == (work.and_others, work.year)
    assert title is None or title == work.remark


def test_identifiers() -> None:
    """DOIs and preprint numbers are found, and a preprint's number is no year."""
    doi = declared_work("Karargyris et al., Scientific Data 8, doi:10.1038/s41597-021-00863-5", "")
    preprint = declared_work("Draelos and Carin, arXiv 2011.08891 (2020)", "")

    assert doi is not None
    assert preprint is not None
    assert (doi.doi, doi.year) == ("10.1038/s41597-021-00863-5", "")
    assert doi.address == "https://doi.org/10.1038/s41597-021-00863-5"
    assert (preprint.arxiv, preprint.year) == ("2011.08891", "2020")
    assert preprint.address == "https://arxiv.org/abs/2011.08891"


def test_an_identifier_alone_belongs_to_the_work_before_it() -> None:
    """A preprint named after its published form is no second work."""
    (work,) = declared_works("Cohen et al., MIDL 2022; arXiv 2111.00595", "the model")

    assert (work.year, work.arxiv) == ("2022", "2111.00595")


def test_the_protocol_is_known() -> None:
    """Its number alone is the protocol's article with all authors, not the work before it."""
    first, second = declared_works("Baumgartner et al., TMI 36 (2017); arXiv 2112.11716", "x")

    assert first.arxiv == ""
    assert PROTOCOL.authors == second.authors


def test_a_remark_is_no_work() -> None:
    """What names neither a year nor an identifier cannot be cited."""
    assert declared_works("protocol section 5; captum", "the method") == ()


def test_every_built_in_reference_is_understood() -> None:
    """What the built-in plugins declare with a year has a key that starts with a letter."""
    host = Host()
    found = [
        work
        for kind in KINDS
        for listed in host.listed(kind)
        for work in declared_works(host.load(listed).descriptor.reference, kind)
    ]

    assert len(found) > 40
    assert all(work.key[0].isalpha() and work.key.isalnum() for work in found)


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    """No declaration makes it fail, and nothing of a work is lost."""
    for work in declared_works(text, "any"):
        assert work.title
        assert work.key.isascii()
        assert work.key.isalnum()
