"""Any text as LaTeX that prints it and does nothing else."""

from __future__ import annotations

import unicodedata

# Letters and digits stay as they are; whatever would be a command, a ligature or an active
# character of a language package is written so that it prints itself.
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": "$|$",
    "<": "$<$",
    ">": "$>$",
    '"': "''",
    "`": "`{}",
    "'": "'{}",
    "-": "-{}",
    ",": ",{}",
    "?": "?{}",
    "!": "!{}",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
}
ACCENTS = frozenset(
    "\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}\N{COMBINING CIRCUMFLEX ACCENT}"
    "\N{COMBINING TILDE}\N{COMBINING DIAERESIS}\N{COMBINING CARON}\N{COMBINING RING ABOVE}"
    "\N{COMBINING CEDILLA}"
)
LAST_LATIN = "\u017f"  # of Latin Extended-A; pdfLaTeX sets accented letters up to here


def latex(text: str) -> str:
    """Escape a text, on one line; what pdfLaTeX has no letter for is named by its code point.

    >>> print(latex("50 % of a_b"), latex("é α"))
    50 \\% of a\\_b é [U+03B1]
    """
    one_line = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(map(_escaped, one_line))


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if " " <= character <= "~" or _is_accented(character):
        return character
    return f"[U+{ord(character):04X}]"


def _is_accented(character: str) -> bool:
    parts = unicodedata.normalize("NFD", character)
    return (
        len(parts) == 2
        and character <= LAST_LATIN
        and parts[0].isascii()
        and parts[0].isalpha()
        and parts[1] in ACCENTS
    )
