"""The harness's own code, as far as scores depend on it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import gazebench

LAYERS = ("attribution", "engine", "files", "gaze", "precomputed", "scoring", "spec")


@cache
def harness_hash() -> str:
    """Return the SHA-256 of every module of the layers that make scores, names included."""
    root = Path(str(gazebench.__file__)).parent
    digest = hashlib.sha256()
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
