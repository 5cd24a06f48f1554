"""Salted case scores: what they keep, what they hide, and what their file must be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from boards import AUC, KL, rows_of, table_of
from gazebench.errors import RecordError
from gazebench.leaderboard.aggregate import build_board
from gazebench.publish.case_scores import make_case_scores
from gazebench.publish.case_scores_file import (
    case_scores_file,
    case_scores_schema,
    case_scores_text,
    read_case_scores,
)
from gazebench.publish.documents import sealed
from gazebench.publish.salting import case_set_of, salted
from gazebench.spec.board import Board

SALT = "5f" * 16


def rows() -> list[dict[str, Any]]:
    """Return scores of seven cases, two readings each, two patients' cases twice."""
    rng = np.random.default_rng(1)
    found = []
    for metric in ("auc", "kl"):
        for reading in ("r1", "r2"):
            scores = {e: rng.uniform(0.4, 0.9, 7).tolist() for e in ("ceiling", "m/a", "m/b")}
            scores["m/b"][3] = None
            found += rows_of(scores, metric=metric, reading=reading)
    for row in found:
        row["cluster"] = f"patient {int(row['case']) // 2}" if row["case"] != "6" else ""
        row["dataset"] = "toy"
        if row["value"] is None:
            row["reason"] = "no file 50414267.npy for study 50414267"
    return found


def table(of: list[dict[str, Any]]) -> Any:
    """Return rows as a table with the dataset."""
    made = table_of(of)
    return made.append_column("dataset", [["toy"] * len(of)])


def board(scores: Any, subsets: Any) -> Board:
    """Build the board of a table."""
    return build_board(
        scores,
        metrics={m.name: m for m in (AUC, KL)},
        subsets=subsets,
        dataset="toy",
        not_applicable={},
        resamples=200,
    )


SUBSETS = {"most": frozenset("01234")}


def test_scores_statistics_and_subsets_are_kept() -> None:
    """A board of the salted scores is that of the scores, but for their rounding."""
    made = make_case_scores(table(rows()), SUBSETS, salt=SALT, dataset="toy")

    plain, from_salted = board(table(rows()), SUBSETS), board(made.to_table(), made.members())

    assert [s.n_images for s in from_salted.subsets] == [7, 5]
    for one, other in zip(plain.subsets, from_salted.subsets, strict=True):
        for row, twin in zip(one.rows, other.rows, strict=True):
            assert row.entry == twin.entry
            for metric, cell in row.cells.items():
                found = twin.cells[metric]
                assert found.score == pytest.approx(cell.score, rel=1e-6)
                assert (found.n_images, found.n_rows) == (cell.n_images, cell.n_rows)
                assert (found.coverage, found.ranks) == (cell.coverage, cell.ranks)
    assert "7 patients" not in plain.interval
    assert "over 4 patients" in from_salted.interval
    assert from_salted.interval == plain.interval


def test_nothing_names_a_case_reading_or_patient() -> None:
    """Names are gone; so is a reason that holds an identifier."""
    made = make_case_scores(table(rows()), SUBSETS, salt=SALT, dataset="toy")

    text = case_scores_text(made).text

    assert "50414267" not in text
    assert "patient" not in text
    assert '"r1"' not in text
    assert made.cases == tuple(sorted(salted(SALT, "toy", str(n)) for n in range(7)))


def test_the_order_of_rows_and_another_entry_change_no_name() -> None:
    """Two records on one board number cases and readings alike."""
    backwards = rows()[::-1]
    fewer = [row for row in rows() if row["entry"] != "m/b"]

    one, two, three = (
        make_case_scores(table(r), SUBSETS, salt=SALT, dataset="toy")
        for r in (rows(), backwards, fewer)
    )

    assert one == two
    assert (one.cases, one.readings, one.clusters) == (three.cases, three.readings, three.clusters)
    assert [line for line in one.lines if line.entry != "m/b"] == list(three.lines)


def test_another_salt_gives_other_names() -> None:
    """Who has one board's salt learns nothing of another's cases."""
    one, two = (make_case_scores(table(rows()), {}, salt=s, dataset="toy") for s in (SALT, "x"))

    assert not set(one.cases) & set(two.cases)


def test_scores_of_the_image_have_no_reading() -> None:
    """They do not shift the numbers of the readings."""
    of_image = [{**row, "reading": ""} for row in rows() if row["reading"] == "r1"]

    made = make_case_scores(table([*rows(), *of_image]), SUBSETS, salt=SALT, dataset="toy")

    assert set(made.readings) == {(0, 1, 2)}
    assert {r for r in made.to_table().column("reading").to_pylist()} == {"", "1", "2"}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["", "r", "s"]), st.floats(0, 1)),
        min_size=1,
        unique_by=lambda item: item[:2],
    )
)
@settings(max_examples=40)
def test_any_rows_come_back(found: list[tuple[int, str, float]]) -> None:
    """Every row, with its value at seven digits, its status and its kind."""
    given_rows = rows_of({"m/a": []})
    for case, reading, value in found:
        none = value > 0.9
        made = rows_of({"m/a": [None if none else value]}, reading=reading)[0]
        given_rows.append({**made, "case": str(case)})

    made_scores = make_case_scores(table(given_rows), {}, salt=SALT, dataset="toy")
    back = made_scores.to_table().to_pylist()

    def plain(row: dict[str, Any]) -> Any:
        value = None if row["value"] is None else float(f"{row['value']:.7g}")
        return row["status"], value, row["entry"], str(row["kind"])

    assert sorted(map(plain, back), key=str) == sorted(map(plain, given_rows), key=str)


def written(folder: Path, **changes: Any) -> Path:
    """Write case scores with other values under a seal that fits them."""
    made = make_case_scores(table(rows()), SUBSETS, salt=SALT, dataset="toy")
    document = {**json.loads(case_scores_text(made).text), **changes}
    file = folder / "small.cases.json"
    file.write_text(json.dumps(sealed(document)))
    return file


def test_the_file_comes_back_as_it_was(tmp_path: Path) -> None:
    """One line per entry, seed and metric; the hash is that of the content."""
    made = make_case_scores(table(rows()), SUBSETS, salt=SALT, dataset="toy")
    text, sha256 = case_scores_text(made)
    file = case_scores_file(tmp_path / "small.json")
    file.write_text(text)

    assert file.name == "small.cases.json"
    assert read_case_scores(file) == (made, sha256)
    assert case_scores_text(read_case_scores(file)[0]).text == text
    assert text.count('{"entry"') == 6
    Draft202012Validator.check_schema(case_scores_schema())
    assert Draft202012Validator(case_scores_schema()).is_valid(json.loads(text))


def first_line(**changes: Any) -> list[dict[str, Any]]:
    """Return the lines of the file with the first changed."""
    made = make_case_scores(table(rows()), SUBSETS, salt=SALT, dataset="toy")
    first, *others = json.loads(case_scores_text(made).text)["scores"]
    return [{**first, **changes}, *others]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "is of schema 2; this GazeBench reads up to 1"),
        ({"picture": "iVBOR"}, "unknown key 'picture'"),
        ({"cases": ["case 1"]}, "cases[0]: 'case 1' does not match"),
        ({"cases": ["0" * 32]}, "it has readings of 7 cases, and 1 cases"),
        ({"clusters": [1]}, "it has clusters of 1 cases, and 7 cases"),
        ({"subsets": {"most": [9]}}, "the subset most has case 9, and there are 7"),
        ({"scores": first_line(values=[0.5])}, "1 values, expected 14, one per reading"),
        ({"scores": first_line(values=["x"] * 14)}, "found str among the scores"),
        ({"scores": first_line(gaps={"failed": [0]})}, "has a value, and is said to have none"),
        ({"scores": first_line(gaps={"failed": [99]})}, "a gap stands twice, or where there is no"),
        ({"scores": first_line(entry="m/50414267")}, "holds"),
    ],
)
def test_what_is_no_case_scores_is_refused(changes: Any, message: str, tmp_path: Path) -> None:
    """Each fault has its own message."""
    with pytest.raises(RecordError) as caught:
        read_case_scores(written(tmp_path, **changes))

    assert message in caught.value.message


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    """One digit changed by hand breaks the seal."""
    file = written(tmp_path)
    file.write_text(file.read_text().replace("0.4", "0.5", 1))

    with pytest.raises(RecordError, match="was altered after it was written"):
        read_case_scores(file)


def test_a_set_of_cases_has_one_hash() -> None:
    """In any order, and another for one case less."""
    assert case_set_of(["b", "a"]) == case_set_of(["a", "b"])
    assert case_set_of(["a"]) != case_set_of(["a", "b"])
