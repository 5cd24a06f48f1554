"""Model cards, BibTeX and citation files, held against their own readers."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard

from boards import AUC, NCC
from gazebench.publish.exports.bibtex import bibtex, unique_keys
from gazebench.publish.exports.cff import cff
from gazebench.publish.exports.cited import CitedEntry, cited_entry
from gazebench.publish.exports.model_card import model_card
from gazebench.spec.board import SubsetBoard
from small_records import HASH, small_board, small_record

ENTRY = "sononet/gradcam/uniform"


def cited(**changes: Any) -> CitedEntry:
    """Return an entry of the small record with a method's paper."""
    papers = {"gradcam": "Selvaraju et al., ICCV 2017", "sononet": "Selvaraju et al., TPAMI 2017"}
    given = {"url": "https://example.org/board", "sha256": HASH, **changes}
    record = given.pop("record", small_record())
    return cited_entry(record, ENTRY, lambda _kind, label: papers.get(label, ""), **given)


def test_huggingface_reads_the_model_card() -> None:
    """The Hub's own parser finds every metric of every subset, with our interval beside it."""
    part = SubsetBoard(name="abnormal", n_images=5, rows=small_board().subsets[0].rows)
    board = small_board(AUC, NCC)
    board = replace(board, subsets=(*board.subsets, replace(part, rows=board.subsets[0].rows)))

    card = ModelCard(model_card(cited(record=small_record(board))), ignore_metadata_errors=False)

    results = card.data.eval_results
    assert card.data.model_name == "sononet"
    assert results is not None
    assert [(result.dataset_split, result.metric_type) for result in results] == [
        ("all", "auc"),
        ("all", "ncc"),
        ("abnormal", "auc"),
        ("abnormal", "ncc"),
    ]
    first = results[0]
    assert (first.metric_value, first.verified) == (0.8, False)
    assert first.metric_args["interval"] == [0.78, 0.82]
    assert first.metric_args["ranks"] == [1, 2]
    assert (first.dataset_type, first.dataset_name) == ("reflacx", "toy")
    assert (first.source_name, first.source_url) == ("GazeBench", "https://example.org/board")


def test_a_model_card_without_url_names_no_source() -> None:
    """The Hub refuses a source without an address."""
    card = ModelCard(model_card(cited(url="")), ignore_metadata_errors=False)

    assert card.data.eval_results is not None
    assert card.data.eval_results[0].source_name is None


def test_questions_to_the_network_are_a_task_of_their_own() -> None:
    """Faithfulness is not agreement with radiologists."""
    asked = replace(NCC, name="road", title="ROAD", of_network=True)

    text = model_card(cited(record=small_record(small_board(AUC, asked))))

    (result, other) = yaml.safe_load(text.strip().strip("-"))["model-index"][0]["results"]
    assert (result["metrics"][0]["type"], result["task"]["type"]) == ("auc", "gaze-agreement")
    assert (other["metrics"][0]["type"], other["task"]["type"]) == ("road", "saliency-faithfulness")


def test_citation_file_has_what_its_schema_demands() -> None:
    """Every required key of CFF 1.2.0 is there, and every author is a person or a group."""
    document = yaml.safe_load(cff(cited()))

    assert {"cff-version", "message", "title", "authors"} <= document.keys()
    assert document["cff-version"] == "1.2.0"
    assert document["type"] == "dataset"
    for work in (document, *document["references"]):
        assert work["title"]
        assert work["authors"]
        assert all(author.keys() & {"name", "family-names"} for author in work["authors"])
    assert {"generic", "software"} == {work["type"] for work in document["references"]}
    assert [w["year"] for w in document["references"] if "year" in w] == [2021, 2017, 2017]


def test_bibtex_keys_are_unique() -> None:
    """Two papers of one author and year are told apart."""
    keys = unique_keys(cited().works)

    assert len(keys) == len(set(keys))
    assert {"selvaraju2017", "selvaraju2017b"} <= set(keys)


@pytest.mark.skipif(shutil.which("bibtex") is None, reason="needs BibTeX")
def test_bibtex_reads_it(tmp_path: Path) -> None:
    """BibTeX itself finds every entry and has nothing to warn of but missing years."""
    given = cited(record=replace(small_record(), name="a_b", title="50 % & more"))
    (tmp_path / "all.bib").write_text(bibtex(given))
    (tmp_path / "all.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{all}\n")

    done = subprocess.run(
        ["bibtex", "all"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
    assert "Warning" not in done.stdout
    assert len(given.works) == (tmp_path / "all.bbl").read_text().count("\\bibitem")


def test_special_characters_are_escaped() -> None:
    """What TeX takes for its own is written so that it prints."""
    text = bibtex(cited(record=small_record(name="a_b&c")))

    assert r"a\_b\&c" in text
