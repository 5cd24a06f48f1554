"""Why scores are missing, as far as a record may repeat it: in the harness's words, no plugin's.

A plugin that fails may say anything, also what it read of an image or a report, and no rule for
texts can tell. A record says of such rows how many they are, and nothing else.
"""

from __future__ import annotations

import re

from gazebench.publish.texts import LONGEST_PROSE, fault
from gazebench.spec.capabilities import EXPLANATIONS
from gazebench.spec.values import Status

OURS = frozenset({Status.UNDEFINED, Status.MISSING, Status.NONFINITE})  # no plugin words them
_WHAT = "|".join(map(re.escape, EXPLANATIONS.values()))
_LACKING = re.compile(rf"(?:there is|[\w/:=.,@-]+ gives) no (?:{_WHAT})(?: and no (?:{_WHAT}))*")


def published_reason(status: str, reason: str) -> str:
    """Return a row's reason if a record may repeat it, "" otherwise.

    >>> published_reason("failed", "mine raised KeyError: 'John Smith'")
    ''
    >>> published_reason("not_applicable", "sononet gives no attention maps")
    'sononet gives no attention maps'
    """
    is_ours = status in OURS or (
        status == Status.NOT_APPLICABLE and _LACKING.fullmatch(reason) is not None
    )
    return reason if is_ours and len(reason) <= LONGEST_PROSE and not fault(reason) else ""
