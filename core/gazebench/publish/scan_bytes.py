"""Images, arrays and archives, told by the bytes of their formats, also inside text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_RUN = 60  # characters of base64 or hexadecimal without a break that nobody needs
LONGEST_WORD = 400  # characters without a blank
MOST_NUMBERS = 16  # numbers after each other in a text
TELLING = 4  # bytes of a format's mark; fewer prove nothing in what may be any text
HASHES = frozenset({40, 64, 96, 128})  # digits of SHA-1 (as git has it), SHA-256, -384 and -512


class Magic(NamedTuple):
    """The bytes by which a format is known, and where they stand."""

    mark: bytes
    kind: str
    offset: int = 0


MAGICS = (
    Magic(b"DICM", "a DICOM file", 128),
    Magic(b"\x89PNG", "a PNG picture"),
    Magic(b"\xff\xd8\xff\xe0", "a JPEG picture"),
    Magic(b"\xff\xd8\xff", "a JPEG picture"),
    Magic(b"GIF87a", "a GIF picture"),
    Magic(b"GIF89a", "a GIF picture"),
    Magic(b"II*\x00", "a TIFF picture"),
    Magic(b"MM\x00*", "a TIFF picture"),
    Magic(b"WEBP", "a WebP picture", 8),
    Magic(b"ftypavif", "an AVIF picture", 4),
    Magic(b"ftyphei", "a HEIF picture", 4),
    Magic(b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    Magic(b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    Magic(b"v/1\x01", "an OpenEXR picture"),
    Magic(b"P5\n", "a PGM picture"),
    Magic(b"P6\n", "a PPM picture"),
    Magic(b"\x93NUMPY", "a numpy array"),
    Magic(b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    Magic(b"CDF\x01", "a NetCDF file"),
    Magic(b"MATLAB 5.0", "a MATLAB file"),
    Magic(b"n+1\x00", "a NIfTI image", 344),
    Magic(b"NRRD000", "an NRRD image"),
    Magic(b"PAR1", "a Parquet file"),
    Magic(b"ARROW1", "an Arrow file"),
    Magic(b"FEA1", "a Feather file"),
    Magic(b"SQLite format 3\x00", "a SQLite database"),
    Magic(b"\x80\x02", "a Python pickle"),
    Magic(b"\x80\x03", "a Python pickle"),
    Magic(b"\x80\x04\x95", "a Python pickle"),
    Magic(b"\x80\x05\x95", "a Python pickle"),
    Magic(b"PK\x03\x04", "a zip archive, or an npz"),
    Magic(b"PK\x05\x06", "a zip archive"),
    Magic(b"\x1f\x8b\x08", "gzip data"),
    Magic(b"BZh", "bzip2 data"),
    Magic(b"\xfd7zXZ\x00", "xz data"),
    Magic(b"\x28\xb5\x2f\xfd", "Zstandard data"),
    Magic(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    Magic(b"Rar!", "a RAR archive"),
    Magic(b"ustar", "a tar archive", 257),
    Magic(b"%PDF", "a PDF file"),
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_SHORT_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{11,}={0,2}")  # of eight characters
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?([0-9A-Fa-f]{16,})(?![0-9A-Za-z])")
# Never read in two ways, so that a search among thousands of numbers ends soon.
_NUMBER = r"(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+"
_BREAK = r"[\s,;\[\]()]++[-+]?"
_PICKLABLE = "numpy|torch|builtins|__builtin__|copy_reg|_codecs"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
LONG_WORD = f"more than {LONGEST_WORD - 1} characters without a blank"
_PACKED = {
    r"(?i:data:[\w./+-]*(?:;[\w=.-]+)*;base64)": "a file as a data: address",
    rf"(?:^|\n|\(|\\n)c(?:{_PICKLABLE})[\w.]*(?:\n|\\n)": "a Python pickle",
    rf"(?<![\d.]){_NUMBER}(?:{_BREAK}{_NUMBER}){{{MOST_NUMBERS - 1}}}": (
        f"more than {MOST_NUMBERS - 1} numbers in a row"
    ),
    rf"[^\s<>\"']{{{LONGEST_WORD},}}": LONG_WORD,
}
_ESCAPED = re.compile(r"(?:\\x[0-9A-Fa-f]{2}.{0,40}?){3}|(?:\\u00[0-9A-Fa-f]{2}.{0,40}?){3}")
_PATTERNS = {re.compile(pattern): what for pattern, what in _PACKED.items()}


def format_of(content: bytes) -> str:
    """Name the format that the bytes begin as; "" for none that is known.

    >>> format_of(b"\\x93NUMPY\\x01\\x00"), format_of(b"{}")
    ('a numpy array', '')
    """
    for magic in MAGICS:
        if content.startswith(magic.mark, magic.offset):
            return magic.kind
    return ""


def not_text(content: bytes) -> str:
    """Say what keeps bytes from being text in UTF-8; "" where they are."""
    kind = format_of(content)
    if kind:
        return f"is {kind}"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        inside = next((m.kind for m in MAGICS if len(m.mark) >= TELLING and m.mark in content), "")
        what = f"; it holds {inside}" if inside else ""
        return f"holds bytes that are no text, from byte {error.start} on{what}"
    strange = strange_character(text)
    return f"holds {strange}" if strange else ""


def embedded(text: str) -> Iterator[str]:
    """Say what is packed into a text: encoded bytes, and numbers upon numbers."""
    if strange := strange_character(text):
        yield strange
    for pattern, what in _PATTERNS.items():
        if pattern.search(text):
            yield what
    if "\\" in text and _ESCAPED.search(text):
        yield "escaped bytes"
    for run in _HEX.finditer(text):
        yield from _in_hexadecimal(run.group(1))
    for run in _BASE64.finditer(text):
        yield from _in_base64(run.group())


def unpacked(text: str) -> Iterator[str]:
    """Give what is readable of the base64 and the hexadecimal in a text."""
    packed = [_in_bytes(run.group(1)) for run in _HEX.finditer(text)]
    packed += [_decoded(run.group()) for run in _SHORT_BASE64.finditer(text)]
    for content in packed:
        if content.isascii() and (plain := content.decode("ascii")).isprintable():
            yield plain


def strange_character(text: str) -> str:
    """Say which control character a text holds beside line breaks and tabs; "" for none."""
    found = _CONTROL.search(text)
    return f"the control character {found.group()!r}" if found else ""


def _in_hexadecimal(digits: str) -> Iterator[str]:
    kind = _decoded_kind(_in_bytes(digits))
    if kind:
        yield f"{kind} in hexadecimal"
    elif len(digits) > LONGEST_RUN and len(digits) not in HASHES:
        yield "a long hexadecimal text"


def _in_base64(run: str) -> Iterator[str]:
    kind = _decoded_kind(_decoded(run))
    if kind:
        yield f"{kind} in base64"
    elif len(run) > LONGEST_RUN and _is_dense(run) and not _is_hash(run):
        yield "a long text in base64"


def _is_hash(run: str) -> bool:
    return len(run) in HASHES and _HEX.fullmatch(run) is not None


def _is_dense(run: str) -> bool:
    """Whether letters are mixed as in base64, not as in words and paths; one letter only counts."""
    if len(set(run)) <= 2:
        return True
    upper, lower = sum(map(str.isupper, run)), sum(map(str.islower, run))
    digits = sum(map(str.isdigit, run))
    return min(upper, lower) > 0.15 * len(run) and digits > 0.04 * len(run)


def _in_bytes(digits: str) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _decoded(run: str) -> bytes:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    plain = plain[:-1] if len(plain) % 4 == 1 else plain
    plain += "=" * (-len(plain) % 4)
    try:
        return base64.b64decode(plain, validate=True)
    except binascii.Error:
        return b""


def _decoded_kind(content: bytes) -> str:
    """Name the format of decoded bytes."""
    found = (
        m.kind for m in MAGICS if len(m.mark) >= TELLING and content.startswith(m.mark, m.offset)
    )
    return next(found, "")
