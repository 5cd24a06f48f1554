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


def case_set_of(names: Iterable[str]) -> str:
    """Return the SHA-256 that stands for a set of cases, by their salted names."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
