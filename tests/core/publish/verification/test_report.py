"""A verification as JSON, as Markdown and on the terminal."""

from __future__ import annotations

import json

from rich.console import Console

from gazebench.cli.verify_view import print_verification
from gazebench.publish.verification.checks import (
    CheckName,
    Verification,
    judged,
    noted,
    passed,
    skipped,
)
from gazebench.publish.verification.report import (
    MOST,
    in_one_line,
    verification_json,
    verification_markdown,
)

GOOD = Verification(path="boards", checks=(passed(CheckName.SCHEMA, "records/a.json"),))
BAD = Verification(
    path="boards",
    checks=(
        passed(CheckName.SCHEMA, "records/a.json"),
        judged(
            CheckName.STATISTICS,
            "records/a.json",
            ["all, auc, m/a: the score is <b>0.9</b>", "@all | x"],
            do="publish it again",
        ),
        noted(CheckName.BOARD, "records/b.json", ["it stands apart"]),
        skipped(CheckName.CASE_SCORES, "records/b.json", "it carries none"),
    ),
)


def test_a_check_without_problems_passes() -> None:
    """What is judged fails by its problems alone."""
    assert GOOD.failed == ()
    assert [check.name for check in BAD.failed] == [CheckName.STATISTICS]
    assert judged(CheckName.NAME, "x", [], do="nothing").do == ""
    assert in_one_line(BAD) == "4 checks: 1 passed, 1 failed, 1 noted, 1 n/a"


def test_json_has_everything() -> None:
    """Programs find the verdict, and for each check file, outcome and sentences."""
    document = json.loads(verification_json(BAD))

    assert (document["format"], document["passed"]) == ("gazebench-verification", False)
    assert json.loads(verification_json(GOOD))["passed"] is True
    assert document["checks"][1] == {
        "name": "statistics",
        "where": "records/a.json",
        "outcome": "failed",
        "said": ["all, auc, m/a: the score is <b>0.9</b>", "@all | x"],
        "do": "publish it again",
    }


def test_markdown_cannot_be_left() -> None:
    """Neither HTML nor mentions nor tables come out of a record's texts."""
    text = verification_markdown(BAD, ["m/a enters at rank 1"])

    assert "## The submission does not hold" in text
    assert "\\<b\\>" in text
    assert "@all" not in text
    assert "m/a enters at rank 1" in text
    assert "it carries none" not in text
    assert "## The submission holds" in verification_markdown(GOOD)
    assert "Not at all." in verification_markdown(GOOD, [])
    assert "Not at all." not in verification_markdown(GOOD)


def test_many_problems_are_cut_on_the_screen() -> None:
    """A record of a thousand wrong cells does not fill a comment."""
    check = judged(CheckName.STATISTICS, "x", [f"cell {n}" for n in range(1000)], do="")

    text = verification_markdown(Verification(path="x", checks=(check,)))

    assert text.count("- cell") == MOST
    assert f"and {1000 - MOST} more" in text


def test_the_terminal_shows_each_check_once() -> None:
    """A heading per file, a line per check, problems and remedy below."""
    console = Console(width=100)
    with console.capture() as capture:
        print_verification(BAD, console=console)

    text = capture.get()
    assert text.splitlines()[:3] == [
        "records/a.json",
        "  passed  schema",
        "  failed  statistics",
    ]
    assert "Do: publish it again" in text
    assert "n/a     case scores  it carries none" in text
    assert text.splitlines()[-1] == f"{in_one_line(BAD)}."
