"""Numbers as they stand on the pages."""

from __future__ import annotations

from gazebench.spec.board import Interval

MINUS = "\N{MINUS SIGN}"
NONE = "n/a"
LEAST_P = 0.001


def number(value: float | None) -> str:
    """Write a score.

    >>> number(0.58923), number(-0.0581), number(-0.0001), number(None)
    ('0.589', '−0.058', '0.000', 'n/a')
    """
    if value is None:
        return NONE
    text = f"{value:.3f}"
    return text.replace("-", "" if float(text) == 0 else MINUS)


def signed(value: float | None) -> str:
    """Write a difference.

    >>> signed(0.0216), signed(-0.2), signed(0.0)
    ('+0.022', '−0.200', '0.000')
    """
    text = number(value)
    return f"+{text}" if value is not None and value > 0 and text != "0.000" else text


def interval(found: Interval | None) -> str:
    """Write an interval; "" where there is none."""
    return "" if found is None else f"[{number(found.low)}, {number(found.high)}]"


def percent(share: float | None) -> str:
    """Write a fraction of the ceiling; "" where there is none.

    >>> percent(0.7371), percent(-0.19), percent(-0.001)
    ('74 %', '−19 %', '0 %')
    """
    return "" if share is None else f"{round(100 * share)} %".replace("-", MINUS)


def p_value(p: float | None) -> str:
    """Write a p-value.

    >>> p_value(0.0321), p_value(1e-6), p_value(1.0), p_value(None)
    ('0.032', '< 0.001', '1', 'n/a')
    """
    if p is None:
        return NONE
    return f"< {LEAST_P}" if p < LEAST_P else f"{p:.2g}"


def amount(value: float | None) -> str:
    """Write a cost to three digits.

    >>> amount(0.0123), amount(8.75), amount(1234.5), amount(1.0), amount(0.00004)
    ('0.0123', '8.75', '1,234', '1', '< 0.001')
    """
    if value is None:
        return NONE
    if 0 < value < LEAST_P:
        return f"< {LEAST_P}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
