"""Damage: what happens to files on their way, and what somebody may write into them on purpose."""

from __future__ import annotations

import random
import re

HOSTILE = (
    b"nan", b"inf", b"-inf", b"1e999", b"-1", b"0", b"1e-320", b"99999999999999999999", b"", b"abc",
    b"null", b"true", b'""', b"[]", b"{}", b"0x10", b"1_000", b"\xef\xbb\xbf", b"\x00", b"\xff\xfe",
    b"=cmd|' /C calc'!A0", b"../../etc/passwd", b"<script>", b"\x1b[2J", b"\\u0000", b"'", b'"',
)  # fmt: skip
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return damaged content: one to three things happen to it."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        content = rng.choice(MUTATIONS)(content, rng)
    return content


def flip(content: bytes, rng: random.Random) -> bytes:
    if not content:
        return b"\x00"
    place = rng.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def drop(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.randrange(1, 40) :]


def double(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    span = content[start : start + rng.randrange(1, 200)]
    return content[:start] + span + content[start:]


def plant(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.choice(HOSTILE) + content[place:]


def another_number(content: bytes, rng: random.Random) -> bytes:
    found = list(NUMBER.finditer(content[:20_000]))
    if not found:
        return content
    number = rng.choice(found)
    return content[: number.start()] + rng.choice(HOSTILE) + content[number.end() :]


def swap_fields(content: bytes, rng: random.Random) -> bytes:
    lines = content.split(b"\n")
    place = rng.randrange(len(lines))
    fields = lines[place].split(b",")
    rng.shuffle(fields)
    lines[place] = b",".join(fields)
    return b"\n".join(lines)


def other_line_ends(content: bytes, rng: random.Random) -> bytes:
    return content.replace(b"\n", rng.choice((b"\r\n", b"\r", b"", b"\n\n")))


MUTATIONS = (
    flip, cut, drop, double, plant, another_number, another_number, swap_fields, other_line_ends,
)  # fmt: skip
