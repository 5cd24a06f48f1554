"""The quick searches find what the slow ones find, wherever it lies."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.publish import scan_bytes, scan_ids, scan_reports
from gazebench.publish.scan_own import own_data
from gazebench.publish.scan_texts import faults

IDS = (
    "P102R472132", "p10000032", "s50414267", "00000013_005", "patient64541",
    "02aa804e-bde0afdd-112c0b34-7bc16630-4e384014", "1.2.840.10008.5.1.4", "2.25." + "3" * 38,
    "1.2.840.4.5.6",
)  # fmt: skip
ALPHABET = "0123456789abcdefPRps.,-_ /:\n"
TERMS = ("lungs", "PLEURAL", "airspace", "air-space", "ground glass", "ground-glass", "Opacity",
         "hemidiaphragm", "metastases", "kerley", "ſvc")  # fmt: skip


def slow_ids(text: str) -> list[tuple[str, int]]:
    return [(match.group(), match.start()) for match in scan_ids._ANY.finditer(text)]


@given(st.text(ALPHABET, max_size=600))
def test_any_text_has_the_same_identifiers(text: str) -> None:
    assert [(one.text, one.start) for one in scan_ids.ids_in(text)] == slow_ids(text)


@pytest.mark.parametrize("planted", IDS)
def test_an_identifier_is_found_anywhere_in_a_long_text(planted: str) -> None:
    rng = random.Random(3)
    for _ in range(50):
        filler = "".join(rng.choice("abc de,; 0.12 ") for _ in range(rng.randrange(900)))
        place = rng.randrange(len(filler) + 1)
        text = f"{filler[:place]} {planted} {filler[place:]}"

        assert planted in {one.text for one in scan_ids.ids_in(text)}
        assert [(one.text, one.start) for one in scan_ids.ids_in(text)] == slow_ids(text)


@pytest.mark.parametrize("term", TERMS)
def test_every_spelling_of_a_term_is_a_term(term: str) -> None:
    text = f"the {term} of it"

    assert scan_reports.names_radiographs(text) == (scan_reports._TERM.search(text) is not None)


@given(st.text("airspce lungrodtPpAa-_ ", max_size=60))
def test_any_text_names_radiographs_or_does_not(text: str) -> None:
    assert scan_reports.names_radiographs(text) == (scan_reports._TERM.search(text) is not None)


@given(st.lists(st.sampled_from(["0.5", "12", "-3", "4e-5", ".7", "a", "1.2.3"]), max_size=40))
def test_numbers_in_a_row_are_counted(words: list[str]) -> None:
    text = " ".join(words)
    runs = re.split(r"a|1\.2\.3", text)
    most = max((len(run.split()) for run in runs), default=0)

    told = f"more than {scan_bytes.MOST_NUMBERS - 1} numbers in a row"
    found = told in set(scan_bytes.embedded(text))

    if most >= scan_bytes.MOST_NUMBERS:
        assert found
    if "1.2.3" not in words:
        assert found == (most >= scan_bytes.MOST_NUMBERS)


def test_a_number_that_is_an_own_id_is_found() -> None:
    own = own_data(["902177"])

    assert faults("902177", own)
    assert faults("0.902177", own)
    assert not faults("0.902178", own)
