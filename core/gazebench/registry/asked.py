"""What a run cannot do without is asked of its plugin: what is raised becomes an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from gazebench.errors import GazeBenchError, PluginError
from gazebench.registry.plugin import Plugin
from gazebench.registry.whereabouts import plugin_line
from gazebench.spec.printable import printable

P = ParamSpec("P")
T = TypeVar("T")


def asked(
    plugin: Plugin, about: str, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what a task of a plugin returns; `about` says for what it was asked, or is "".

    MemoryError and KeyboardInterrupt are not the plugin's to swallow, and pass.

    Raises:
        PluginError: the task raised something else than our own errors, or left by `sys.exit`.
    """
    try:
        return task(*args, **kwargs)
    except (GazeBenchError, MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:
        where = plugin_line(error, plugin.descriptor.function)
        at = f" ({where})" if where else ""
        raise PluginError(
            f"the {plugin.kind} {plugin.label} raised {type(error).__name__}{about}: "
            f"{error_words(error)}{at}",
            do=f"mend {plugin.origin}",
        ) from error


def error_words(error: BaseException) -> str:
    """Return an error's own words, where it can be asked for them, fit to be printed.

    >>> error_words(ValueError("too large"))
    'too large'
    """
    try:
        return printable(str(error))
    except Exception:  # noqa: BLE001 - a plugin's `__str__` is a plugin's, too
        return "(no message: its own __str__ raises)"
