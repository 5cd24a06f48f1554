"""Every entry against every other: which the images tell apart, and which they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from gazebench.publish.site import links
from gazebench.publish.standings import SignificanceMatrix
from gazebench.stats.ranks import ALPHA

READABLE = 30  # entries; a larger matrix of numbers is a wall, and is drawn


class Verdict(StrEnum):
    """What the images say of a pair, the row against the column: classes of the style sheet."""

    BETTER = "w"
    WORSE = "l"
    OPEN = "o"
    SELF = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsRow:
    """An entry, and in words how it stands against all others, by their numbers.

    Attributes:
        number: its place on the metric, from 1; ties in the order of names.
    """

    number: int
    name: str
    href: str
    better_than: str
    open_with: str
    worse_than: str
    verdicts: tuple[Verdict, ...]
    differences: tuple[float, ...]
    adjusted: tuple[float | None, ...]


def pairs_rows(matrix: SignificanceMatrix) -> Iterator[PairsRow]:
    """Yield the rows of a matrix, best first."""
    for place, name in enumerate(matrix.entries):
        differences, adjusted = matrix.differences[place], matrix.adjusted[place]
        verdicts = tuple(
            Verdict.SELF if other == place else _verdict(difference, p)
            for other, (difference, p) in enumerate(zip(differences, adjusted, strict=True))
        )
        yield PairsRow(
            number=place + 1,
            name=name,
            href=links.entry_page(name),
            better_than=_numbers(verdicts, Verdict.BETTER),
            open_with=_numbers(verdicts, Verdict.OPEN),
            worse_than=_numbers(verdicts, Verdict.WORSE),
            verdicts=verdicts,
            differences=differences,
            adjusted=adjusted,
        )


def drawn(rows: Sequence[PairsRow]) -> str:
    """Return the SVG path of the pairs whose row is better: strokes, a unit square a pair.

    Those whose row is worse are the same, mirrored at the diagonal.
    """
    return "".join(
        f"M{start} {y}.5h{length}"
        for y, row in enumerate(rows)
        for start, length in _runs(row.verdicts, Verdict.BETTER)
    )


def _verdict(difference: float, p: float | None) -> Verdict:
    if p is None or p > ALPHA or difference == 0:
        return Verdict.OPEN
    return Verdict.BETTER if difference > 0 else Verdict.WORSE


def _numbers(verdicts: Sequence[Verdict], wanted: Verdict) -> str:
    """Write the numbers of the others: "2, 5-9"."""
    return ", ".join(
        f"{start + 1}" if length == 1 else f"{start + 1}-{start + length}"
        for start, length in _runs(verdicts, wanted)
    )


def _runs(verdicts: Sequence[Verdict], wanted: Verdict) -> Iterator[tuple[int, int]]:
    start = 0
    for verdict, run in groupby(verdicts):
        length = len(list(run))
        if verdict is wanted:
            yield start, length
        start += length
