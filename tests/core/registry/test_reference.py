"""`name:key=value,...` in text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.errors import UsageError
from gazebench.registry.reference import format_parameters, parse_reference

KEYS = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


@given(st.dictionaries(KEYS, st.text(st.characters(codec="utf-8"), max_size=12), max_size=4))
def test_written_parameters_are_read_back(parameters: dict[str, str]) -> None:
    """Whatever the values hold: commas, quotes, backslashes, equal signs, blanks, line ends."""
    written = format_parameters(parameters)

    assert parse_reference(f"name:{written}" if written else "name").parameters == parameters


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ("gradcam", "gradcam", {}),
        ("timm/resnet50", "timm/resnet50", {}),
        ("timm/hf-hub:org/net", "timm/hf-hub:org/net", {}),
        ("timm/hf-hub:org/net:depth=3", "timm/hf-hub:org/net", {"depth": "3"}),
        ("m:weights=/a:b/c=d,k=1", "m", {"weights": "/a:b/c=d", "k": "1"}),
        ('m:labels="a,b",k=', "m", {"labels": "a,b", "k": ""}),
        (" m : k = 1 , j = 2 ", "m", {"k": "1", "j": "2"}),
    ],
)
def test_a_reference_is_split_at_the_first_colon_before_a_parameter(
    text: str, name: str, parameters: dict[str, str]
) -> None:
    """Slashes, colons and equal signs elsewhere belong to names and values."""
    reference = parse_reference(text)

    assert (reference.name, dict(reference.parameters)) == (name, parameters)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no plugin is named"),
        (":k=1", "no plugin is named"),
        ("m:k=1,", "cannot read ''"),
        ("m:k=1,oops", "cannot read 'oops'"),
        ('m:k="open', "cannot read"),
        ('m:k=a"b', "cannot read"),
        ("m:k=1,k=2", "k is given twice"),
    ],
)
def test_a_malformed_reference_says_what_cannot_be_read(text: str, message: str) -> None:
    """Exit code 2, with the part that makes no sense."""
    with pytest.raises(UsageError, match=message):
        parse_reference(text)
