"""A verification for programs, and for the comment on a pull request."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gazebench.publish.verification.checks import Check, Outcome, Verification

FORMAT, VERSION = "gazebench-verification", 1
MOST = 12  # sentences of one check that are shown; JSON has all
SPECIAL = re.compile(r"([\\|`*_\[\]~$<>&@#])")


def verification_json(verification: Verification, changes: Sequence[str] | None = None) -> str:
    """Write every check; `passed` says whether all hold, `changes` how boards change."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "path": verification.path,
        "passed": not verification.failed,
        "checks": [
            {
                "name": str(check.name),
                "where": check.where,
                "outcome": str(check.outcome),
                "said": list(check.said),
                "do": check.do,
            }
            for check in verification.checks
        ],
        **({} if changes is None else {"changes": list(changes)}),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def verification_markdown(verification: Verification, changes: Sequence[str] | None = None) -> str:
    """Write what a maintainer has to see: the outcome, every problem, and how the board changes."""
    lines = [*_markdown(verification), *([] if changes is None else _changes(changes))]
    return "\n".join(lines) + "\n"


def in_one_line(verification: Verification) -> str:
    """Say how many checks there were, and how many hold."""
    outcomes = Counter(check.outcome for check in verification.checks)
    counted = [f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome]]
    return f"{len(verification.checks)} checks: {', '.join(counted)}"


def shown(said: tuple[str, ...]) -> Iterator[str]:
    """Yield the sentences that are shown, and how many more there are."""
    yield from said[:MOST]
    if len(said) > MOST:
        yield f"... and {len(said) - MOST} more; `--json` has all of them"


def _markdown(verification: Verification) -> Iterator[str]:
    verdict = "does not hold" if verification.failed else "holds"
    yield f"## The submission {verdict}"
    yield ""
    yield f"{in_one_line(verification)}."
    yield ""
    yield "| file | check | outcome |"
    yield "|:---|:---|:---|"
    for check in verification.checks:
        yield f"| {_text(check.where)} | {check.name} | {_marked(check)} |"
    for check in verification.checks:
        if check.said and check.outcome in (Outcome.FAILED, Outcome.NOTED):
            yield ""
            yield f"**{_text(check.where)}: {check.name} {check.outcome}**"
            yield ""
            yield from (f"- {_text(sentence)}" for sentence in shown(check.said))
            if check.do:
                yield f"- To do: {_text(check.do)}"


def _changes(changes: Sequence[str]) -> Iterator[str]:
    yield ""
    yield "## How the boards change"
    yield ""
    yield from (f"- {_text(change)}" for change in changes)
    if not changes:
        yield "Not at all."


def _marked(check: Check) -> str:
    return f"**{check.outcome}**" if check.outcome is Outcome.FAILED else str(check.outcome)


def _text(text: str) -> str:
    """Make a text mean itself: no markup, no HTML, no mention, one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("\\@", "@\u2060")
