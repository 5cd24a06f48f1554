"""Did you mean: the closest of the names that exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CUTOFF = 0.6  # difflib's own default: three letters of five


def closest(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice most like `name`, ignoring case; None when nothing is alike.

    >>> closest("gradcm", ["attention", "gradcam"])
    'gradcam'
    """
    by_folded = {choice.casefold(): choice for choice in sorted(choices)}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=CUTOFF)
    return by_folded[found[0]] if found else None


def suggest(name: str, choices: Iterable[str]) -> str:
    """Return the question to put into an error, or an empty text when nothing is alike.

    >>> suggest("gradcm", ["attention", "gradcam"])
    "did you mean 'gradcam'?"
    >>> suggest("xyz", ["attention", "gradcam"])
    ''
    """
    found = closest(name, choices)
    return f"did you mean {found!r}?" if found else ""
