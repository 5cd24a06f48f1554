"""Foreign words where people read them: nothing in them steers a terminal or turns the line."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return a text with everything spelt out that is no character to be seen, but line breaks.

    >>> printable("red \x1b[31m, turned \u202e, 3 µm\tand\nmore")
    'red \\x1b[31m, turned \\u202e, 3 µm\tand\nmore'
    """
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)
