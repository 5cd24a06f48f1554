"""A plugin's fault as a value: kept apart, shown by doctor, raised when the plugin is asked for."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from gazebench.errors import GazeBenchError, PluginError
from gazebench.spec.printable import printable

# What somebody else's code may raise while we load or call it. SystemExit: a module may call
# `sys.exit` when imported, and that must not end the harness. KeyboardInterrupt is the user's.
FAULTS = (Exception, SystemExit)

# With the separator: beside it lie gazebench_plugins and whatever others call gazebench_something.
_OURS = str(Path(__file__).parents[1]) + os.sep
_IMPORT_MACHINERY = ("<frozen importlib", str(Path(importlib.__file__).parent))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quarantined:
    """Something wrong with a plugin, or with a name that several plugins claim.

    Attributes:
        kind: of the plugin; "hook" for a listener, "entry points" for unreadable metadata.
        cause: what is wrong, in one line.
        do: what to do about it.
        traceback: the plugin's own frames, ready to print; empty when nothing was raised.
        error: what was raised.
    """

    kind: str
    name: str
    distribution: str
    version: str = ""
    cause: str
    do: str
    traceback: str = ""
    error: BaseException | None = None

    @classmethod
    def from_error(
        cls, error: BaseException, *, kind: str, name: str, distribution: str, version: str = ""
    ) -> Quarantined:
        """Keep what a plugin raised while it was loaded or called."""
        return cls(
            kind=kind,
            name=name,
            distribution=distribution,
            version=version,
            cause=_cause(error),
            do=_advice(error, distribution),
            traceback=plugin_traceback(error),
            error=error,
        )

    def as_error(self) -> PluginError:
        """Return what to raise when the plugin is asked for; raise it `from` `self.error`."""
        source = f"{self.distribution} {self.version}".rstrip()
        message = f"the {self.kind} {self.name!r} of {source} cannot be used: {self.cause}"
        if self.traceback:
            message += f"\n{self.traceback}\n"
        return PluginError(message, do=self.do)


def plugin_traceback(error: BaseException) -> str:
    """Format what was raised, without the frames of the harness and the import machinery."""
    whole = traceback.TracebackException.from_exception(error)
    link: traceback.TracebackException | None = whole
    while link is not None:
        frames = [f for f in link.stack if not f.filename.startswith((*_IMPORT_MACHINERY, _OURS))]
        link.stack = traceback.StackSummary.from_list(frames)
        link = link.__cause__ or link.__context__
    return printable("".join(whole.format())).rstrip()


def _cause(error: BaseException) -> str:
    if isinstance(error, GazeBenchError):
        return error.message
    text = printable(str(error)).strip()
    first = text.splitlines()[0] if text else ""
    return f"{type(error).__name__}: {first}".rstrip(": ")


def _advice(error: BaseException, distribution: str) -> str:
    if isinstance(error, GazeBenchError) and error.do:
        return error.do
    if isinstance(error, ModuleNotFoundError) and error.name:
        if _is_installed(error.name):
            return f"reinstall {distribution}: it names a module that it does not have"
        return f"install the module {error.name!r}, or uninstall {distribution}"
    return f"update or uninstall {distribution}, or tell its authors"


def _is_installed(module: str) -> bool:
    """Whether the package that should hold the module is there."""
    return "." in module and module.partition(".")[0] in sys.modules
