from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gazebench.publish.verification.checks import CheckName, Outcome
from gazebench.publish.verification.verify import verify
from gazebench.registry.host import Host

REFLACX = Path(__file__).resolve().parents[4] / "leaderboards" / "reflacx"


def leaks(path: Path) -> tuple[Outcome, tuple[str, ...]]:
    """Return what the check for restricted data says about a path."""
    (check,) = (c for c in verify(path, Host()).checks if c.name is CheckName.LEAKS)
    return check.outcome, check.said


def test_a_board_of_the_repository_holds_nothing_restricted() -> None:
    record = next((REFLACX / "records").glob("*.json"))

    assert leaks(REFLACX) == (Outcome.PASSED, ())
    assert leaks(record) == (Outcome.PASSED, ())


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        ("P102R472132", "a reading id of REFLACX: P102... (11 characters)"),
        ("There is a small left effusion.", "a sentence of a radiology report: "),
    ],
)
def test_what_a_reviewer_could_overlook_is_named_by_file_and_line(
    tmp_path: Path, plant: str, said: str
) -> None:
    board = Path(shutil.copytree(REFLACX, tmp_path / "reflacx"))
    text = (board / "board.md").read_text("utf-8")
    (board / "board.md").write_text(f"{plant}\n{text}", "utf-8")

    outcome, found = leaks(board)

    assert outcome is Outcome.FAILED
    assert found[0].startswith(f"board.md:1: {said}")
