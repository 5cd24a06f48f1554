"""Content keys: what a result depends on, as one hash."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def content_key(content: Any) -> str:
    """Return a SHA-256 over plain values, independent of the order of mappings.

    >>> content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def stable_integer(text: str) -> int:
    """Return a 64-bit integer that is the same in every process, unlike `hash`.

    >>> stable_integer("random") == stable_integer("random")
    True
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
