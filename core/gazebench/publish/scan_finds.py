"""What a scan found, and the refusal that lists it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gazebench.errors import RecordError

LISTED = 20  # finds that a message names


class Find(NamedTuple):
    """Something that must not leave the machine: `place` is a file, and where in it."""

    place: str
    what: str


def refuse_finds(finds: Iterable[Find], where: str) -> None:
    """Raise a RecordError that lists what was found in `where`, if anything was.

    Raises:
        RecordError: something was found.
    """
    listed = sorted(dict.fromkeys(finds))
    if not listed:
        return
    lines = [f"  {find.place}: {find.what}" for find in listed[:LISTED]]
    if len(listed) > LISTED:
        lines.append(f"  and {len(listed) - LISTED} more")
    raise RecordError(
        "\n".join([f"{where} holds what must not be published:", *lines]),
        do="remove it where it comes from, and run or publish again; nothing was published",
    )
