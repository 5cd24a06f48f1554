"""What plugins raised in a run, with full tracebacks, in a file beside the scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from gazebench.engine.barrier import Failure
from gazebench.engine.store import write_text

FAILURES = "failures.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What a plugin raised, and how often."""

    plugin: str
    reason: str
    traceback: str
    times: int


class FailureLog:
    """Keeps every different failure once, with its traceback; scoring threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[tuple[str, str], Raised] = {}

    def hear(self, failure: Failure) -> None:
        """Remember a failure, if something was raised."""
        if failure.traceback:
            one = Raised(
                plugin=failure.plugin,
                reason=failure.reason,
                traceback=failure.traceback,
                times=1,
            )
            self.hear_again((one,))

    def hear_again(self, raised: Iterable[Raised]) -> None:
        """Remember what another log heard."""
        with self._lock:
            for one in raised:
                key = one.plugin, one.reason
                before = self._seen.get(key)
                times = one.times + (before.times if before else 0)
                self._seen[key] = replace(before or one, times=times)

    def raised(self) -> tuple[Raised, ...]:
        """Return everything that was raised, by plugin and reason."""
        return tuple(one for _, one in sorted(self._seen.items()))

    def write(self, folder: Path) -> Path | None:
        """Write the file anew, and return it; without failures there is none."""
        file = folder / FAILURES
        if not self._seen:
            file.unlink(missing_ok=True)
            return None
        write_text(file, "\n\n".join(_text(one) for one in self.raised()) + "\n")
        return file


def _text(one: Raised) -> str:
    often = "once" if one.times == 1 else f"{one.times} times, first"
    return f"{one.reason}\n{often}:\n{one.traceback}"
