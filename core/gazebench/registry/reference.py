"""How a plugin is asked for in one piece of text: `name:key=value,key=value`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from gazebench.errors import UsageError

# Parameters begin at the first colon that a `key=` follows: `timm/hf-hub:org/net` has none.
_START = re.compile(r":(?=\s*[A-Za-z_]\w*\s*=)")
_ITEM = re.compile(
    r"""\s*(?P<key>[A-Za-z_]\w*)\s*=\s*
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^,"]*?))\s*(?P<end>,|$)""",
    re.VERBOSE,
)
_NEEDS_QUOTES = re.compile(r'[,"]|^\s|\s$')


class Reference(NamedTuple):
    """A name as written, and its parameters as text."""

    name: str
    parameters: Mapping[str, str]


def parse_reference(text: str) -> Reference:
    r"""Split a reference into its name and parameters.

    Values may hold `=`, `/` and `:`; a value with a comma stands in double quotes, within which
    `\"` and `\\` are a quote and a backslash.

    >>> parse_reference("attention:gate=2")
    Reference(name='attention', parameters={'gate': '2'})
    >>> parse_reference('timm/resnet50:weights=/a/b=c:d.pt,note="one, two"').parameters
    {'weights': '/a/b=c:d.pt', 'note': 'one, two'}

    Raises:
        UsageError: no name, a malformed parameter, or one given twice.
    """
    start = _START.search(text)
    name = (text[: start.start()] if start else text).strip()
    if not name:
        raise UsageError(f"no plugin is named in {text!r}", do="write NAME or NAME:KEY=VALUE")
    return Reference(name, _parse_parameters(text, start.end()) if start else {})


def format_parameters(parameters: Mapping[str, object]) -> str:
    """Write parameters so that `parse_reference` reads them back.

    >>> format_parameters({"gate": 2, "note": "one, two", "relu": True, "layer": None})
    'gate=2,note="one, two",relu=true,layer=none'
    """
    return ",".join(f"{key}={_format(value)}" for key, value in parameters.items())


def _parse_parameters(text: str, position: int) -> dict[str, str]:
    found: dict[str, str] = {}
    while True:
        item = _ITEM.match(text, position)
        if item is None:
            raise UsageError(
                f"cannot read {text[position:]!r} in {text!r}",
                do='write KEY=VALUE,KEY=VALUE; a value with a comma needs quotes: KEY="a,b"',
            )
        if item["key"] in found:
            raise UsageError(f"{item['key']} is given twice in {text!r}", do="give it once")
        found[item["key"]] = _value(item)
        if not item["end"]:
            return found
        position = item.end()


def _value(item: re.Match[str]) -> str:
    if item["quoted"] is None:
        return item["plain"]
    return re.sub(r'\\(["\\])', r"\1", item["quoted"])


def _format(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return _format(",".join(_format(one) for one in value))
    text = str(value)
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text
