"""Figures as somebody printed them, to be reproduced from the scores they were made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class PrintedFigure(NamedTuple):
    """One score as printed, with its interval where that was printed too.

    The texts keep the decimals: "0.790" is printed to three.
    """

    entry: str
    metric: str
    score: str
    low: str = ""
    high: str = ""
    subset: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """A printed table and the scores behind it.

    Attributes:
        title: "Table 1".
        file: the tidy table of scores, within the folder that the user names.
        also: other files from which a figure may have been printed, where it differs.
        figures: as printed.
        note: what a reader must know.
    """

    title: str
    file: str
    figures: tuple[PrintedFigure, ...]
    also: tuple[str, ...] = ()
    note: str = ""
