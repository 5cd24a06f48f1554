"""What a text in a record may be: a name, a version, a hash, a link, or a little prose.

Every text is printable and on one line, and none holds an identifier, a sentence of a radiology
report or a path of somebody's machine.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from gazebench.errors import RecordError
from gazebench.publish.scan_bytes import embedded, unpacked
from gazebench.publish.scan_ids import ids_in, masked
from gazebench.publish.scan_reports import report_sentences

TextRule: TypeAlias = Callable[[object, str], str]

LONGEST_NAME = 200  # characters; an entry's name holds its model, method and parameters
LONGEST_PROSE = 1000  # the longest notice of a run lists the classes of a network
LONGEST_LINK = 300

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[^\W_][\w .:/=+,;@~%&|*#()\[\]<>!'\"-]*")
_LATIN = re.compile(r"[A-Za-z]")
# Of the Cyrillic, Greek and Armenian alphabets, and of the Latin one beyond ASCII.
_LIKE_LATIN = re.compile(
    "[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d"
    "\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u04ae"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03b9\u03bd\u03bf\u03c1\u03c5\u0555\u0578\u057d\u0585\u0131\u0251\u0261]"
)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LINK = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~%?&=#+,;:@()-]*)?")
_DOI = re.compile(r"10\.\d{4,9}/[\w./;()<>:-]+")
# The start of an absolute path, of Unix or Windows, or of a home folder. A name in quotes may begin
# a part of an entry's name, so there only what machines really have counts.
_ROOTS = "home|Users|tmp|data|mnt|media|var|opt|srv|root|usr|etc|scratch|work|Volumes|private|nfs"
_PATH = re.compile(
    r"(?:^|[\s=:,;(\[])(?:/|~/|file:/+|[A-Za-z]:[\\/]+|\\\\)[\w.]"
    rf"|['\"](?:/(?:{_ROOTS})/|~/|[A-Za-z]:[\\/])"
)


@lru_cache(maxsize=4096)  # the same few names and notes stand in thousands of cells
def fault(text: str) -> str:
    """Say why a text must not be published; "" where it may.

    >>> fault("SonoNet, Grad-CAM"), fault("made on P102R472132")
    ('', "holds a reading id of REFLACX: 'P102... (11 characters)'")
    """
    found = next(ids_in(text), None)
    if found is not None:
        return f"holds {found.kind}: {masked(found.text)!r}"
    found = next((one for plain in unpacked(text) for one in ids_in(plain)), None)
    if found is not None:
        return f"holds {found.kind}, packed: {masked(found.text)!r}"
    sentence = next(report_sentences(text), None)
    if sentence is not None:
        return f"reads like a radiology report: {masked(sentence)!r}"
    packed = next(embedded(text), None)
    if packed is not None:
        return f"holds {packed}"
    if _PATH.search(text):
        return "holds a path of a machine"
    if not text.isprintable():
        return "holds a line break or a control character"
    return ""


def refuse(where: str, problem: str) -> RecordError:
    """Return the error for something that must not be in a record."""
    return RecordError(f"{where}: {problem}", do="change it at its source; nothing was published")


def _text(value: object, where: str, longest: int) -> str:
    # A subclass could hide more than its characters, and enumerations have a rule of their own.
    if type(value) is not str:
        raise refuse(where, f"found {type(value).__name__}, expected text")
    if len(value) > longest:
        raise refuse(where, f"{len(value)} characters, expected at most {longest}")
    problem = fault(value)
    if problem:
        raise refuse(where, problem)
    return value


def _shaped(pattern: re.Pattern[str], what: str, longest: int, *, empty: bool) -> TextRule:
    def rule(value: object, where: str) -> str:
        text = _text(value, where, longest)
        if not text and empty:
            return text
        if pattern.fullmatch(text) is None:
            raise refuse(where, f"is not {what}: {masked(text)!r}")
        return text

    return rule


def _readable(rule: TextRule) -> TextRule:
    """Accept only names that nobody takes for another one."""

    def readable(value: object, where: str) -> str:
        text = rule(value, where)
        problem = unreadable(text)
        if problem:
            raise refuse(where, f"{problem}: {masked(text)!r}")
        return text

    return readable


def unreadable(name: str) -> str:
    """Say why a name may be taken for another one; "" where it may not.

    >>> unreadable("timm/resnet50"), unreadable("Grad-\u0421AM")
    ('', "holds '\u0421', which looks like a letter of the Latin alphabet")
    """
    if name != name.strip() or "  " in name:
        return "begins or ends with a blank, or holds two in a row"
    if unicodedata.normalize("NFKC", name) != name:
        return "holds a character that is a form of others"
    alike = _LIKE_LATIN.search(name)
    if alike and _LATIN.search(name):
        return f"holds {alike.group()!r}, which looks like a letter of the Latin alphabet"
    return ""


slug = _shaped(_SLUG, "lower-case letters, digits and hyphens", 80, empty=False)
name = _readable(_shaped(_NAME, "a name", LONGEST_NAME, empty=False))
name_or_none = _readable(_shaped(_NAME, "a name", LONGEST_NAME, empty=True))
key = _shaped(_KEY, "a plain word", 80, empty=False)
version = _shaped(_VERSION, "a version", 64, empty=True)
sha256 = _shaped(_SHA256, "a SHA-256 in hexadecimal", 64, empty=True)
link = _shaped(_LINK, "an address on the web", LONGEST_LINK, empty=True)
doi = _shaped(_DOI, "a DOI", 120, empty=True)


def command(value: object, where: str) -> str:
    """Accept a command line of `gazebench run`, which readers will copy, or nothing.

    Raises:
        RecordError: a shell would take it for anything else; names the place.
    """
    text = prose(value, where)
    try:
        words = shlex.split(text)
    except ValueError:  # a quotation without its end
        words = []
    if text and (words[:2] != ["gazebench", "run"] or shlex.join(words) != text):
        raise refuse(where, f"is no command line of `gazebench run`: {masked(text)!r}")
    return text


def prose(value: object, where: str) -> str:
    """Accept a short text for people, also an empty one.

    Raises:
        RecordError: it is none; names the place.
    """
    return _text(value, where, LONGEST_PROSE)
