"""The fault barrier around one task of one plugin: its errors become values, ours do not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from gazebench.errors import GazeBenchError, NotApplicableError
from gazebench.registry.asked import error_words
from gazebench.registry.deadline import deadline
from gazebench.registry.plugin import Plugin
from gazebench.registry.quarantine import plugin_traceback
from gazebench.registry.whereabouts import plugin_line
from gazebench.spec.values import Status

SHORT_OF_MEMORY = {
    "MemoryError",
    "_ArrayMemoryError",
    "OutOfMemoryError",
}  # of Python, numpy, torch
LONGEST = 200  # characters of an error's message in a row; the log has all of it

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A plugin's task that did not come to its end.

    Attributes:
        reason: one line, for score rows, with the plugin's own line where something was raised.
        status: `NOT_APPLICABLE` where the plugin says so itself, else `FAILED`.
        traceback: the plugin's own frames; "" where the harness refused what came back.
        is_memory: whether memory was short, the machine's or the GPU's.
    """

    plugin: str
    reason: str
    status: Status = Status.FAILED
    traceback: str = field(default="", compare=False)
    is_memory: bool = field(default=False, compare=False)


def guarded(
    plugin: Plugin, about: str, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T | Failure:
    """Run a task of a plugin; whatever it raises becomes a `Failure` that names the plugin.

    `about` says which of its tasks it is: for which case, entry and seed.

    A plugin that calls `sys.exit` ends its own task, not the run, and so does one that asks for
    more memory than there is. KeyboardInterrupt is not the plugin's to swallow, and passes.
    """
    process = os.getpid()
    try:
        with _witnessed(plugin, about), deadline(plugin.limit_s), _alone(process):
            return task(*args, **kwargs)
    except KeyboardInterrupt:
        raise
    except NotApplicableError as error:
        return Failure(plugin=plugin.label, reason=error.message, status=Status.NOT_APPLICABLE)
    except GazeBenchError as error:
        return Failure(plugin=plugin.label, reason=error.message)
    except BaseException as error:  # noqa: BLE001 - this is the barrier
        return Failure(
            plugin=plugin.label,
            reason=_reason(plugin, error),
            traceback=plugin_traceback(error),
            is_memory=type(error).__name__ in SHORT_OF_MEMORY,
        )


@contextmanager
def _alone(process: int) -> Iterator[None]:
    """End a copy of this process that a plugin made and let go on: one alone may record a run."""
    try:
        yield
    finally:
        if os.getpid() != process:
            os._exit(0)


def _witnessed(plugin: Plugin, about: str) -> AbstractContextManager[None]:
    return nullcontext() if plugin.witness is None else plugin.witness(plugin.label, about)


def _reason(plugin: Plugin, error: BaseException) -> str:
    """Say in one line what was raised, and on which line of the plugin."""
    first = next(iter(error_words(error).strip().splitlines()), "")
    if len(first) > LONGEST:
        first = f"{first[:LONGEST]}..."
    where = plugin_line(error, plugin.descriptor.function)
    at = f" ({where})" if where else ""
    return f"{plugin.label} raised {type(error).__name__}: {first}{at}"
