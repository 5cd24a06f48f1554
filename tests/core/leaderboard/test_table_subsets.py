"""Subsets from the other columns of a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.errors import DataError, UsageError
from gazebench.leaderboard.table_file import TableFile, read_table
from gazebench.leaderboard.table_subsets import table_subsets

EXTRA = ("abnormal_majority", "pleural_majority", "age", "view", "score")
TEXT = """image,abnormal_majority,pleural_majority,age,view,score
a,1,0,40,AP,0.1
a,1,0,40,AP,0.2
b,1,1,61.5,PA,0.3
c,0,0,,AP,0.4
"""


@pytest.fixture
def file(tmp_path: Path) -> TableFile:
    """Return a table of three images."""
    path = tmp_path / "scores.csv"
    path.write_text(TEXT)
    return read_table(path)


def subsets(file: TableFile, *wanted: str) -> dict[str, frozenset[str]]:
    """Return the subsets asked for."""
    return table_subsets(file, file.texts("image"), EXTRA, wanted)


def test_majority_columns_are_on_offer_and_abnormal_has_an_opposite(file: TableFile) -> None:
    assert subsets(file) == {
        "abnormal": {"a", "b"},
        "normal": {"c"},
        "pleural": {"b"},
    }


def test_majority_column_that_differs_within_an_image_is_not_on_offer(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(TEXT.replace("a,1,0,40,AP,0.2", "a,0,0,40,AP,0.2"))

    assert set(subsets(read_table(path))) == {"pleural"}


def test_names_on_offer_can_be_chosen(file: TableFile) -> None:
    assert subsets(file, "normal") == {"normal": {"c"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ap=view == 'AP'", {"a", "c"}),
        ("old=age > 60", {"b"}),
        ("young=not age > 60", {"a"}),  # nobody knows about c
        ("both=abnormal_majority and pleural_majority", {"b"}),
        ("neither = not abnormal_majority and not pleural_majority", {"c"}),
        ("nobody=age > 100", set()),
    ],
)
def test_expressions_choose_by_columns(file: TableFile, text: str, expected: set[str]) -> None:
    (found,) = subsets(file, text).values()

    assert found == expected


def test_column_that_differs_within_an_image_is_refused_with_its_row(file: TableFile) -> None:
    with pytest.raises(DataError, match=r"scores.csv:3: score is '0.2', but '0.1'"):
        subsets(file, "good=score > 0.15")


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (("abnormel",), "did you mean 'abnormal'"),
        (("x=veiw == 'AP'",), "did you mean 'view'"),
        (("view == 'AP'",), "has no name"),
        (("=view",), "has no name"),
        (("x=view.upper()",), "not allowed"),
        (("normal", "normal"), "twice"),
        (("all=view == 'AP'",), "twice"),
    ],
)
def test_bad_requests_are_refused(file: TableFile, wanted: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        subsets(file, *wanted)
