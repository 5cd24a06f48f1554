"""How exactly numbers are stated."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

FLOAT = 1e-12  # of rounding within float64 arithmetic on numbers about 1


class Rounding(NamedTuple):
    """To how many decimal places, or significant digits, numbers were rounded together."""

    places: int
    digits: int

    def of(self, *numbers: float | None) -> float:
        """Return how far the stated numbers may be from what was rounded, at the most.

        A column that was rounded to significant digits has more places where it is small.
        """
        sizes = [abs(number) for number in numbers if number and math.isfinite(number)]
        largest = math.floor(math.log10(max(sizes, default=1.0)))
        return max(10.0**-self.places, 10.0 ** (largest - self.digits + 1)) / 2 + FLOAT


def rounding_of(numbers: Iterable[float | None]) -> Rounding:
    """Return the rounding of a column, from all its numbers: zeros at the end are not written.

    >>> rounding_of([0.7, 0.712, None])
    Rounding(places=3, digits=3)
    """
    stated = [Decimal(repr(float(n))).normalize().as_tuple() for n in numbers if n is not None]
    places = [-found.exponent for found in stated if isinstance(found.exponent, int)]
    return Rounding(max(places, default=0), max((len(one.digits) for one in stated), default=1))
