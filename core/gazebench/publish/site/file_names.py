"""File names for whatever entries, metrics and subsets are called."""

from __future__ import annotations

import hashlib
import re

PLAIN = re.compile(r"[a-z0-9_-][a-z0-9_/-]*")
OTHERS = re.compile(r"[^a-z0-9_]+")
LONGEST = 60  # characters of a name that are kept
DIGITS = 6  # of the hash that tells apart what would look alike
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)")  # no files on Windows


def file_stem(name: str) -> str:
    """Return a file name without its ending that depends on `name` alone, so that links last.

    It is made of a-z, 0-9, "_", "-", "." and "~". Names of lower-case letters, digits, "_", "-" and
    "/" keep their letters; of others the rest is a hash.

    >>> file_stem("ag_sononet/gradcam/uniform"), file_stem("finding:Edema")
    ('ag_sononet.gradcam.uniform', 'finding-edema~0c4cef')
    >>> file_stem("../../etc/passwd").startswith("etc-passwd~")
    True
    """
    if PLAIN.fullmatch(name) and len(name) <= LONGEST and not DEVICES.fullmatch(name):
        return name.replace("/", ".")
    readable = OTHERS.sub("-", name.lower()).strip("-")[:LONGEST]
    return f"{readable}~{hashlib.sha256(name.encode()).hexdigest()[:DIGITS]}"
