"""The questions that the command line answers, from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import gazebench
from gazebench.errors import DataError, UsageError

ROWS = [
    f"{image},ncc,{entry},{score},{int(image > 6)}"
    for image in range(12)
    for entry, score in (
        ("interobserver", 0.6 + 0.01 * image),
        ("good", 0.5 + 0.01 * image),
        ("poor", 0.2 + 0.01 * image * (image % 3)),
    )
]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "scores.csv"
    path.write_text("\n".join(["image,metric,entry,score,late_majority", *ROWS]) + "\n")
    return path


def test_compare_names_the_better_entry(table: Path) -> None:
    found = gazebench.compare(table, "good", "poor", subsets=["all"])

    assert [row.better for row in found.rows] == ["good"]
    assert found.subsets == {"all": 12}


def test_explain_gives_the_number_of_the_board(table: Path) -> None:
    board = gazebench.rank(table)
    (row,) = [row for row in board.subsets[0].rows if row.entry == "good"]

    assert gazebench.explain(table, "good", "ncc").cell == row.cells["ncc"]


def test_subsets_are_compared(table: Path) -> None:
    found = gazebench.analyse_subsets(table, entries=["good"])

    assert found.subsets["late"] == 5
    assert any(c.first.subset == "late" or c.second.subset == "late" for c in found.contrasts)


def test_an_unknown_setting_is_refused_by_name(table: Path) -> None:
    with pytest.raises(UsageError, match=r"gazebench\.compare has no setting 'ceilng'"):
        gazebench.compare(table, "good", "poor", ceilng="interobserver")


def test_replications_are_found_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        gazebench.replicate("etsaliencymaps", tmp_path)
