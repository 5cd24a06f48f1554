"""What was altered after it was published is told by `gazebench verify`, in words of its own."""

from __future__ import annotations

import base64
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import gazebench
from gazebench.publish.documents import SEAL, sealed

LEADERBOARDS = Path(__file__).parents[2] / "leaderboards"
RECORD, CASES = "default-run.json", "default-run.cases.json"
REFUSED = 6
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(200))).decode()

Document = dict[str, Any]


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """Return a copy of the phantom's board."""
    copy = tmp_path / "phantom"
    shutil.copytree(LEADERBOARDS / "phantom", copy)
    return copy


def assert_told(board: Path, words: str) -> None:
    """Verify a board: it is refused, in these words, however wide the screen."""
    done = gazebench("verify", board)

    assert done.returncode == REFUSED, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "failed" in done.stdout
    assert "".join(words.split()) in "".join(done.stdout.split())


def forge(
    board: Path,
    change: Callable[[Document, Document], None],
) -> None:
    """Change a record and its case scores, and seal both again as a forger would."""
    record, cases = (json.loads((board / "records" / n).read_text()) for n in (RECORD, CASES))
    change(record, cases)
    sealed_cases = sealed({k: v for k, v in cases.items() if k != SEAL})
    if record.get("case_scores"):
        record["case_scores"] = sealed_cases[SEAL]
    write(board, CASES, sealed_cases)
    write(board, RECORD, sealed({k: v for k, v in record.items() if k != SEAL}))


def write(board: Path, name: str, document: Document) -> None:
    (board / "records" / name).write_text(json.dumps(document), encoding="utf-8")


def first_cell(record: Document) -> Document:
    return record["board"]["subsets"][0]["rows"][0]["cells"]["sauc"]


def score_up(record: Document, _cases: Document) -> None:
    first_cell(record)["score"] += 0.01


def case_score_up(_record: Document, cases: Document) -> None:
    cases["scores"][0]["values"][0] += 0.2


def case_missing(_record: Document, cases: Document) -> None:
    readings = len(cases["readings"].pop())
    cases["cases"].pop()
    for line in cases["scores"]:
        for key in ("values", "statuses"):
            if line.get(key):
                del line[key][-readings:]


def case_set_of_others(record: Document, _cases: Document) -> None:
    record["protocol"]["case_set"] = "0" * 64


def another_dataset(record: Document, _cases: Document) -> None:
    record["protocol"]["dataset"] = record["board"]["dataset"] = "reflacx"


def of_the_future(record: Document, _cases: Document) -> None:
    record["schema"] = 99


def unknown_key(record: Document, _cases: Document) -> None:
    record["board"]["subsets"][0]["rows"][0]["note"] = "the best"


def picture(record: Document, _cases: Document) -> None:
    record["title"] = PICTURE


def transcript(record: Document, _cases: Document) -> None:
    record["title"] = "Findings: there is a small left pleural effusion with atelectasis."


def rank_bought(record: Document, _cases: Document) -> None:
    rows = record["board"]["subsets"][0]["rows"]
    entries = [row for row in rows if row["kind"] == "entry"]
    entries[-1]["rank"], entries[0]["rank"] = entries[0]["rank"], entries[-1]["rank"]


def interval_narrowed(record: Document, _cases: Document) -> None:
    interval = first_cell(record)["interval"]
    interval["low"] = first_cell(record)["score"] - 0.001


def no_case_scores_any_more(record: Document, _cases: Document) -> None:
    record["case_scores"] = "f" * 64


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (score_up, "sauc"),
        (case_score_up, "auc"),
        (case_missing, "cases"),
        (case_set_of_others, "the hash of its cases is"),
        (another_dataset, "reflacx"),
        (of_the_future, "is of schema 99"),
        (unknown_key, "unknown key 'note'"),
        (picture, "a PNG picture in base64"),
        (transcript, "title"),
        (rank_bought, "rank"),
        (interval_narrowed, "interval"),
    ],
)
def test_a_forgery_is_told_even_when_it_is_sealed_again(
    board: Path, change: Callable[[Document, Document], None], told: str
) -> None:
    forge(board, change)

    assert_told(board, told)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.pkl", pickle.dumps({"map": [1, 2]}), "is a Python pickle"),
        ("x.png", base64.b64decode(PICTURE), "is none of a board's files"),
        ("x.npy", b"\x93NUMPY\x01\x00" + bytes(100), "it is a numpy array"),
        ("x.dcm", bytes(128) + b"DICM" + bytes(40), "DICOM"),
        (RECORD, pickle.dumps({"map": [1, 2]}), "is a Python pickle"),
        (RECORD, b"", "is not valid JSON"),
        (RECORD, b"[" * 100_000, "is not valid JSON"),
        (RECORD, b'{"schema": 1, "schema": 1}', "the key 'schema'"),
        (RECORD, b'{"schema": NaN}', "is not valid JSON"),
        (RECORD, b"\xff\xfe\x00", "is not"),
        (CASES, b"{}", CASES),
        ("board.json", b"{}", "board.json"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_told(
    board: Path, name: str, content: bytes, told: str
) -> None:
    folder = board if name == "board.json" else board / "records"
    (folder / name).write_bytes(content)

    assert_told(board, told)


def test_a_record_under_another_name_is_told(board: Path) -> None:
    (board / "records" / RECORD).rename(board / "records" / "mine.json")
    (board / "records" / CASES).rename(board / "records" / "mine.cases.json")

    assert_told(board, "default-run")


def test_a_link_is_told(board: Path, tmp_path: Path) -> None:
    (board / "records" / RECORD).rename(tmp_path / "r.json")
    (board / "records" / RECORD).symlink_to(tmp_path / "r.json")

    assert_told(board, "is a link")


def test_case_scores_that_are_gone_are_told(board: Path) -> None:
    (board / "records" / CASES).unlink()

    assert_told(board, CASES)


def test_a_page_written_by_hand_is_told(board: Path) -> None:
    page = board / "board.md"
    page.write_text(page.read_text().replace("0.5", "0.9", 1))

    assert_told(board, "board.md")


def test_an_array_saved_as_text_is_told(board: Path) -> None:
    values = np.random.default_rng(0).random(4000)
    (board / "records" / "map.csv").write_text("\n".join(f"{v:.6f}" for v in values))

    assert_told(board, "map.csv")
