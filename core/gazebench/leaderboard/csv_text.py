"""Tables as CSV that a spreadsheet opens without taking texts for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

DIGITS = 10  # significant; what lies beyond differs between processors
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Value = str | int | float | bool | None


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Return a table with a heading; what is None is empty.

    >>> csv_text(("entry", "score"), [("=1+1", 0.5), ("m", None)])
    "entry,score\\n'=1+1,0.5\\nm,\\n"
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return file.getvalue()


def rounded(value: float | None) -> float | None:
    """Return a number to the digits that are the same on every machine."""
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(rounded(value))
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(STARTS_A_FORMULA) else text
