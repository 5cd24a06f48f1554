"""Names of cases that only those can resolve who have the dataset."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

BYTES = 16  # of a salted name; two of a million cases share one with a chance of 1e-27


def salted(salt: str, *path: str) -> str:
    """Return the name under which a case, or a reading of one, is published.

    >>> salted("salt", "phantom", "case 1") == salted("salt", "phantom", "case 1")
    True
    """
    digest = hmac.new(salt.encode(), "/".join(path).encode(), hashlib.sha256).digest()
    return digest[:BYTES].hex()


def salt_of(dataset: str, cases: Iterable[str]) -> str:
    """Return the salt of a new board, from the true names of the first record's cases.

    It is published, so it need not be secret; it keeps the names of one board from standing for
    cases on a board of other cases, and two publications of one run from differing.
    """
    return hashlib.sha256("\n".join([dataset, *sorted(set(cases))]).encode()).hexdigest()[:32]


def case_set_of(names: Iterable[str]) -> str:
    """Return the SHA-256 that stands for a set of cases, by their salted names."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
