"""How exactly numbers are stated."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

FLOAT = 1e-12  # of rounding within float64 arithmetic on numbers about 1


def half_unit(numbers: Iterable[float | None]) -> float:
    """Return half a unit of the last decimal place that any of the numbers states.

    >>> round(half_unit([0.7, 0.712, None]), 9)
    0.0005
    """
    places = [_places(number) for number in numbers if number is not None]
    return float(Decimal(5).scaleb(-max(places, default=0) - 1)) + FLOAT


def _places(number: float) -> int:
    exponent = Decimal(repr(float(number))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
