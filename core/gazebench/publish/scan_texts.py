"""Texts of every form, scanned leaf by leaf: plain, JSON, CSV, HTML and SVG."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from gazebench.publish.scan_bytes import LONG_WORD, embedded, unpacked
from gazebench.publish.scan_finds import Find
from gazebench.publish.scan_ids import ids_in, masked
from gazebench.publish.scan_own import OwnData
from gazebench.publish.scan_reports import report_sentences

SEVERAL = 3  # numbers that may stand in one list: an interval, or a rank's
SEEDS = "seeds"  # the one list that may be longer
SMALLEST_ID = 10_000  # of what a run's own data may number
DEEPEST = 40  # lists and objects within each other
COUNTED = "more than"  # begins what is said of lengths, which depend on how lines are broken
LISTED = "a list of"
# A paragraph ends at an empty line, and where a line begins as an item, a row or a heading does.
_PARAGRAPH = re.compile(r"\n(?=\s*(?:[-*|#>\\&]|\d+[.)]|$))")
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|tspan|u)\b[^<>]*>")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PLAIN_NUMBER = re.compile(r"[-+]?\d{1,4}(?:\.\d{1,12})?")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ACTIVE = re.compile(r"<\s*(image|foreignObject|script|iframe|object|embed|use)\b", re.IGNORECASE)
_COORDINATES = re.compile(
    r"(?<= d=\")[-+0-9.,eE\sMLHVCSQTAZmlhvcsqtaz]+|(?<= points=\")[-+0-9.,eE\s]+"
)
_ELSEWHERE = re.compile(r"(?:href|src)\s*=\s*[\"'](?!#|https?://[\w.]+/)", re.IGNORECASE)


@lru_cache(maxsize=65536)  # names and notes stand in thousands of cells
def faults(text: str, own: OwnData) -> tuple[str, ...]:
    """Say everything that is wrong with one text, without repeating it."""
    return tuple(_faults(text, own)) if text else ()


def _faults(text: str, own: OwnData) -> Iterator[str]:
    if _PLAIN_NUMBER.fullmatch(text):  # no shape of any other kind fits
        for one in own.ids_in(text):
            yield f"an id of the run's own data: {masked(one)}"
        return
    yield from _ids(text, "", own)
    for plain in unpacked(text):
        yield from _ids(plain, ", packed", own)
    for sentence in report_sentences(text):
        yield f"a sentence of a radiology report: {masked(sentence)}"
    if own.repeats(text):
        yield "words of a transcript of the run's own readings"
    yield from embedded(text)


def _ids(text: str, how: str, own: OwnData) -> Iterator[str]:
    for found in ids_in(text):
        yield f"{found.kind}{how}: {masked(found.text)}"
    for one in own.ids_in(text):
        yield f"an id of the run's own data{how}: {masked(one)}"


def scan_leaf(text: str, place: str, own: OwnData) -> Iterator[Find]:
    """Scan a text that has no lines."""
    for what in faults(text, own):
        yield Find(place, what)


def scan_plain(text: str, file: str, own: OwnData, *, long_words: bool = False) -> Iterator[Find]:
    """Scan a text line by line, and paragraph by paragraph for what is broken over lines.

    `long_words` are for programs that were made small: whole functions without a blank.
    """
    within: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        for what in faults(line, own):
            if not (long_words and what == LONG_WORD):
                within.add(what)
                yield Find(f"{file}:{number}", what)
    for paragraph in _PARAGRAPH.split(text):
        if "\n" not in paragraph.strip():
            continue
        for what in _of_sentences(" ".join(paragraph.split()), own):
            if what not in within:
                yield Find(file, what)


def _of_sentences(text: str, own: OwnData) -> Iterator[str]:
    return (what for what in faults(text, own) if not what.startswith(COUNTED))


def scan_json(
    text: str, file: str, own: OwnData, *, longest: int | None = SEVERAL
) -> Iterator[Find]:
    """Scan every key, text and number of a JSON text; a key given twice counts twice.

    `longest` is how many numbers one list may hold, None for any.
    """
    try:
        content = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        yield Find(file, "is not JSON")
        yield from scan_plain(text, file, own)
        return
    for find in _walk(content, f"{file}: ", own, 0):
        if longest is not None or not find.what.startswith(LISTED):
            yield find


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, all of them."""


def _walk(value: Any, place: str, own: OwnData, depth: int) -> Iterator[Find]:
    if depth > DEEPEST:
        yield Find(place, f"lists within more than {DEEPEST} others")
    elif isinstance(value, _Pairs):
        for key, item in value:
            shown = place + _step(masked_key(key, own), is_first=depth == 0)
            yield from scan_leaf(key, f"{shown} (key)", own)
            yield from _walk(item, shown, own, depth + 1)
    elif isinstance(value, list):
        yield from _numbers(value, place)
        for index, item in enumerate(value):
            yield from _walk(item, f"{place}[{index}]", own, depth + 1)
    elif isinstance(value, str) or _may_be_an_id(value):
        yield from scan_leaf(_spelt(value), place, own)


def _step(key: str, *, is_first: bool) -> str:
    """Return what leads to a key: `name` at first, then `.name`, or `["a name"]`."""
    if key.isidentifier():
        return key if is_first else f".{key}"
    return f"[{json.dumps(key, ensure_ascii=False)}]"


def _may_be_an_id(value: object) -> bool:
    """Whether a number is whole and as long as the shortest number that stands for somebody."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) >= SMALLEST_ID and (isinstance(value, int) or value.is_integer())


def masked_key(key: str, own: OwnData) -> str:
    """Return a key as messages may show it."""
    return masked(key) if faults(key, own) else key


def _numbers(items: Sequence[Any], place: str) -> Iterator[Find]:
    numbers = [i for i in items if isinstance(i, int | float) and not isinstance(i, bool)]
    if len(numbers) <= SEVERAL:
        return
    if place.endswith(f".{SEEDS}") and all(type(n) is int for n in numbers):
        return
    yield Find(place, f"{LISTED} {len(numbers)} numbers")


def _spelt(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def scan_csv(
    text: str, file: str, own: OwnData, texts: Sequence[str] | None = None
) -> Iterator[Find]:
    """Scan every cell of a CSV text.

    Where the columns of `texts` are known, all others hold numbers, or nothing.
    """
    rows = csv.reader(io.StringIO(text))
    try:
        header = next(rows, [])
        for name in header:
            yield from scan_leaf(name, f"{file}: header", own)
        for row in rows:
            place = f"{file}:{rows.line_num}"
            if len(row) != len(header):
                yield Find(place, f"{len(row)} cells, the header has {len(header)}")
            for cell, name in zip_longest(row, header[: len(row)], fillvalue=""):
                where = f"{place}: {masked_key(name, own)}"
                yield from scan_leaf(cell, where, own)
                if texts is not None and name not in texts and not _is_figure(cell):
                    yield Find(where, f"expected a number: {masked(cell)}")
    except csv.Error as error:
        yield Find(file, f"is not CSV: {error}")


def _is_figure(cell: str) -> bool:
    return not cell or _NUMBER.fullmatch(cell) is not None


def scan_markup(text: str, file: str, own: OwnData) -> Iterator[Find]:
    """Scan HTML: its text, its attributes, and what its entities and escapes stand for."""
    drawn = _COORDINATES.sub(_spread, text)
    spelt = _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), html.unescape(drawn))
    yield from scan_plain(spelt, file, own, long_words=True)
    # A word may be set in several elements, and a sentence over several blocks.
    for between in ("", " "):
        bare = " ".join(_INLINE.sub(between, spelt).split())
        for what in dict.fromkeys(_of_sentences(bare, own)):
            yield Find(file, what)


def scan_svg(text: str, file: str, own: OwnData) -> Iterator[Find]:
    """Scan a drawing: lines, shapes and text, and nothing that holds pixels or runs."""
    for found in _ACTIVE.finditer(text):
        if found.group(1).lower() != "use":
            yield Find(file, f"an element <{found.group(1)}>")
    if _ELSEWHERE.search(text):
        yield Find(file, "a link to something that is not in the drawing")
    yield from scan_markup(text, file, own)


def _spread(found: re.Match[str]) -> str:
    """Set coordinates apart, so that they do not count as numbers upon numbers."""
    return re.sub(r"[\s,]+|(?=[A-Za-z])", " _ ", found.group())
