"""What was looked at in a published file, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class CheckName(StrEnum):
    """Everything that is looked at, in the order in which it is reported."""

    FILES = "files"  # nothing lies there that nobody expects
    FORMAT = "format"  # each file can be read as what it is
    SCHEMA = "schema"  # the published JSON Schema holds
    CONTENT = "content hash"  # a record is as it was when it was written
    NAME = "name"  # a record is called as its file is
    LEAKS = "restricted data"  # no image, array, identifier or text of a report
    BOARD = "board"  # it is of the board's dataset and protocol
    CONSISTENCY = "consistency"  # what it states does not contradict itself
    CASE_SCORES = "case scores"  # the file of case scores is the record's own, and whole
    SUBSETS = "subsets"  # sizes and hashes of subsets are those of the case scores
    STATISTICS = "statistics"  # every cell follows from the case scores
    ATTESTATION = "attestation"  # of a rerun, of this very record
    DRIFT = "drift"  # boards and site are what the records give
    RERUN = "rerun"  # a run on the data gives the same


class Outcome(StrEnum):
    """What a check came to."""

    PASSED = "passed"
    FAILED = "failed"
    NOTED = "noted"  # nothing wrong, and something to know
    SKIPPED = "n/a"  # there is nothing to check, or what it needs is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of one file.

    Attributes:
        where: the file, relative to what was asked about.
        said: one sentence per problem, or why it was skipped.
        do: what mends it; "" where it passed.
    """

    name: CheckName
    where: str
    outcome: Outcome
    said: tuple[str, ...] = ()
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Everything that was checked below a path."""

    path: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not hold."""
        return tuple(check for check in self.checks if check.outcome is Outcome.FAILED)


def judged(name: CheckName, where: str, problems: Iterable[str], *, do: str) -> Check:
    """Return a check that passes where there is no problem."""
    said = tuple(problems)
    if not said:
        return passed(name, where)
    return Check(name=name, where=where, outcome=Outcome.FAILED, said=said, do=do)


def passed(name: CheckName, where: str, *said: str) -> Check:
    """Return a check that holds."""
    return Check(name=name, where=where, outcome=Outcome.PASSED, said=said)


def noted(name: CheckName, where: str, said: Sequence[str], *, do: str = "") -> Check:
    """Return a check that holds, with something to know."""
    return Check(name=name, where=where, outcome=Outcome.NOTED, said=tuple(said), do=do)


def skipped(name: CheckName, where: str, why: str) -> Check:
    """Return a check that had nothing to look at."""
    return Check(name=name, where=where, outcome=Outcome.SKIPPED, said=(why,))
