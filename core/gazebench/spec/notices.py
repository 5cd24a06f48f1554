"""Notices that name cases, readings or files: told in full, kept without the names.

A notice goes to the terminal, where names help, and into the manifest and the boards of a run,
which are shown to others: nothing there may name a case.
"""

from __future__ import annotations

from collections.abc import Iterable

FIRST = "; first"


class Naming(str):
    """A notice with names in it; `kept` says the same without them.

    >>> kept_notices([Naming("1 map is missing: P12", kept="1 map is missing"), "a phantom"])
    ('1 map is missing', 'a phantom')
    """

    __slots__ = ("kept",)
    kept: str

    def __new__(cls, text: str, *, kept: str) -> Naming:
        made = super().__new__(cls, text)
        made.kept = kept
        return made


def with_names(notice: str, names: str) -> Naming:
    """Return a notice that ends with names."""
    return Naming(f"{notice}: {names}", kept=notice)


def kept_notices(notices: Iterable[str]) -> tuple[str, ...]:
    """Return notices as a run keeps them."""
    return tuple(n.kept if isinstance(n, Naming) else n for n in notices)


def with_first(notice: str, where: str, reason: str) -> Naming:
    """Return a notice that ends with the first reason, and where that was, which is a name."""
    return Naming(f"{notice}{FIRST}, {where}: {reason}", kept=f"{notice}{FIRST}: {reason}")


def without_first(notice: str) -> str:
    """Return a notice without the first reason, which a plugin may have worded.

    >>> without_first("mine: no usable score on 2 of 9 cases; first: mine raised ValueError: P12")
    'mine: no usable score on 2 of 9 cases'
    """
    return notice.partition(f"{FIRST}: ")[0]
