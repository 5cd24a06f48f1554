"""Numbers and codes that stand for a person, a study, an image or a reading, found in text.

The shapes are those of the datasets that GazeBench reads: MIMIC-CXR (subject, study and image),
REFLACX (reading), CheXpert (patient and study), the NIH (image), and DICOM's unique identifiers.
A number that merely looks like one counts: a leaderboard has no need of any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_START, _STOP = r"(?<![0-9A-Za-z.])", r"(?:\.0+)?(?![0-9A-Za-z]|\.\d)"
_WHOSE = r"(?:p|s|patient|subject|study|pid|sid|id)?"

_DATE = r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"  # of versions; no subject begins with 20
# The beginning of a word of letters and digits, up to one of these; a hash or the first digits of
# one is no word, nor is what follows a decimal point.
_HASH = r"[0-9A-Fa-f]{9,}(?![0-9A-Za-z])"
_WORD = rf"(?<![0-9A-Za-z])(?<!\d\.)(?!{_HASH})(?=\d*[A-Za-z])[0-9A-Za-z]*?"

_SHAPES = (
    # Five groups of eight; three are enough to find the image again.
    ("an image id of MIMIC-CXR", r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:[-_ .:/+][0-9A-Fa-f]{8}){2,}"),
    ("a reading id of REFLACX", r"[Pp]\d{3}[-_ ./]?[Rr]\d{6}(?!\d)"),
    ("an image name of the NIH", r"(?<!\d)\d{8}_\d{3}(?!\d)"),
    ("a subject number of MIMIC-CXR", rf"{_START}{_WHOSE}[-_ ]?1\d{{7}}{_STOP}"),
    ("a study number of MIMIC-CXR", rf"{_START}{_WHOSE}[-_ ]?5\d{{7}}{_STOP}"),
    ("a subject number of the phantom", rf"{_START}{_WHOSE}[-_ ]?99\d{{6}}{_STOP}"),
    ("a subject or study number", rf"{_START}{_WHOSE[:-1]}[-_ ]?\d{{8}}{_STOP}"),
    ("a subject or study number", rf"{_START}(?!{_DATE})\d{{8}}{_STOP}"),
    ("a subject or study number", rf"{_WORD}(?<!\d)(?!{_DATE})\d{{8}}(?!\d)"),
    ("a patient of CheXpert", r"(?<![A-Za-z])[Pp]atient[-_ ]?\d{5,}(?!\d)"),
    ("a DICOM identifier", r"(?<![\d.])1\.2\.\d{3,}(?:\.\d+){3,}"),
    ("a DICOM identifier", r"(?<![\d.])(?:1\.[23]|2\.(?:16|25))(?:\.\d+)*\.\d{9,}(?:\.\d+)*"),
)
# A piece of every shape, and how far around it the whole may reach: quicker than all shapes.
_PIECE = re.compile(r"\d{5}|[0-9A-Fa-f]{8}|1\.2\.\d{3}")
_REACH = 200
_ANY = re.compile("|".join(f"({shape})" for _, shape in _SHAPES))
_KINDS = tuple(kind for kind, _ in _SHAPES)
SHOWN = 4  # characters of what was found that a message repeats


class FoundId(NamedTuple):
    """Something shaped like an identifier, and where in the text it begins."""

    kind: str
    text: str
    start: int


def ids_in(text: str) -> Iterator[FoundId]:
    """Find everything that is shaped like an identifier, in the order of the text.

    >>> [found.kind for found in ids_in("see P102R472132 of p10000032")]
    ['a reading id of REFLACX', 'a subject number of MIMIC-CXR']
    >>> list(ids_in("0.12345678 of 10,000 resamples, torch 2.15.0+cu126"))
    []
    """
    end = 0
    for start, stop in _around_pieces(text):
        for match in _ANY.finditer(text, max(start, end), stop):
            assert match.lastindex is not None
            end = match.end()
            yield FoundId(_KINDS[match.lastindex - 1], match.group(), match.start())


def _around_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text that may hold an identifier, apart from each other."""
    start = stop = 0
    for piece in _PIECE.finditer(text):
        if piece.start() - _REACH > stop:
            if stop:
                yield start, stop
            start = max(piece.start() - _REACH, 0)
        stop = min(piece.end() + _REACH, len(text))
    if stop:
        yield start, stop


def masked(found: str) -> str:
    """Return enough of what was found to find it again, and no more.

    >>> masked("P102R472132"), masked("ab")
    ('P102... (11 characters)', '... (2 characters)')
    """
    shown = found[:SHOWN] if len(found) > 2 * SHOWN else ""
    return f"{shown}... ({len(found)} characters)"
