"""Expressions: what they mean, what they refuse, and where the caret points."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.errors import UsageError
from gazebench.spec.expressions import compile_expression

CASE = {
    "view": "AP",
    "phase": "2",
    "readings": 5,
    "abnormal": True,
    "age": 61.5,
    "findings": ("Atelectasis", "Pulmonary edema"),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('view == "AP"', True),
        ('view != "AP"', False),
        ("readings >= 5", True),
        ("1 < readings < 5", False),
        ("4 < readings <= 5 < 6", True),
        ('"Atelectasis" in findings', True),
        ('"Fracture" not in findings and abnormal', True),
        ('phase in ["1", "2"] or readings == 1', True),
        ("not abnormal", False),
        ("not (abnormal and age < 60)", True),
        ("age > -3", True),
        ("abnormal == True", True),
        ("  abnormal\n  and readings == 5 ", True),
        ("readings == 5.0", True),
    ],
)
def test_evaluates_as_python_would(text: str, expected: bool) -> None:
    assert compile_expression(text).evaluate(CASE) is expected


def test_names_are_those_asked_for() -> None:
    expression = compile_expression('view == "AP" and ("x" in findings or not normal)')

    assert expression.names == {"view", "findings", "normal"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "view.upper()",
        "findings[0]",
        "readings + 1 > 2",
        "[r for r in findings]",
        "lambda: 1",
        "view if abnormal else phase",
        "f'{view}'",
        "view is 'AP'",
        "(x := 3)",
        "{'a': 1}",
        "{1, 2}",
        "-view",
        "+3 == readings",
        "~readings",
        "b'AP' == view",
        "None == view",
        "1j == readings",
        "... == view",
        "*findings",
        "await view",
        "view; phase",
        "view = 'AP'",
        "view ==",
        "",
        "   ",
        "\x00",
        "(" * 900 + ")" * 900,
        "not " * 499 + "x",
        "x" * 2001,
    ],
)
def test_refuses_everything_else(text: str) -> None:
    with pytest.raises(UsageError):
        compile_expression(text)


def test_unknown_name_is_shown_with_a_caret_and_the_closest_match() -> None:
    expression = compile_expression('abnormal and veiw == "AP"')

    with pytest.raises(UsageError) as caught:
        expression.evaluate(CASE)

    what, line, caret = caught.value.message.splitlines()
    assert "unknown name 'veiw'" in what
    assert "'view'" in what
    assert line[len(caret) - 1 :].startswith("veiw")


def test_caret_counts_characters_not_bytes() -> None:
    with pytest.raises(UsageError) as caught:
        compile_expression('view == "é" and view.x')

    _, line, caret = caught.value.message.splitlines()
    assert line[len(caret) - 1 :] == "view.x"


@pytest.mark.parametrize(
    "text",
    ["phase == 2", "phase in [1, 2]", "readings < '5'", "1 in phase", "view in readings"],
)
def test_text_against_number_is_an_error_not_an_empty_subset(text: str) -> None:
    with pytest.raises(UsageError):
        compile_expression(text).evaluate(CASE)


@given(st.text(alphabet="abnorl viewAP'\"()[]=<>!,.0123456789notin\n", max_size=60))
def test_any_text_either_compiles_or_is_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        compile_expression(text).evaluate(CASE)
