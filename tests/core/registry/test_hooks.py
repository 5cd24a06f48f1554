"""Hook plugins: each behind its own fault barrier."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gazebench.registry.hooks import Hooks, Source
from gazebench.spec import hookimpl
from gazebench.spec.events import Notice


def listener(heard: list[Any], *, fail: BaseException | None = None) -> SimpleNamespace:
    """Make a plugin that hears events, and perhaps raises."""

    @hookimpl
    def gazebench_event(event: Any) -> None:
        heard.append(event)
        if fail is not None:
            raise fail

    return SimpleNamespace(gazebench_event=gazebench_event)


def source(name: str) -> Source:
    """Name a plugin's origin."""
    return Source(name, f"{name}-dist", "1.0")


@pytest.mark.parametrize("fault", [ValueError("broken"), SystemExit(3)])
def test_a_hook_that_raises_is_reported_and_the_others_are_called(fault: BaseException) -> None:
    """Once, whatever it raises; pluggy alone would skip those behind it."""
    hooks, heard, event = Hooks(), [], Notice(message="x")  # type: ignore[var-annotated]
    hooks.add(source("first"), lambda: listener(heard))
    hooks.add(source("broken"), lambda: listener(heard, fail=fault))
    hooks.add(source("last"), lambda: listener(heard))

    _, faults = hooks.call("gazebench_event", event=event)
    _, again = hooks.call("gazebench_event", event=event)

    assert heard == [event] * 6
    assert [(f.name, f.distribution) for f in faults] == [("gazebench_event", "broken-dist")]
    assert again == []
    assert hooks.problems == faults


def test_ctrl_c_is_not_a_plugins_fault() -> None:
    """It ends what is running."""
    hooks = Hooks()
    hooks.add(source("a"), lambda: listener([], fail=KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        hooks.call("gazebench_event", event=None)


def test_a_plugin_that_does_not_import_is_reported() -> None:
    """With its distribution, and the others are registered."""

    def broken() -> object:
        raise ImportError("no such thing")

    hooks, heard = Hooks(), []  # type: ignore[var-annotated]
    hooks.add(source("broken"), broken)
    hooks.add(source("fine"), lambda: listener(heard))
    hooks.call("gazebench_event", event=1)

    assert heard == [1]
    assert [p.cause for p in hooks.problems] == ["ImportError: no such thing"]


def test_an_argument_that_no_hook_has_is_reported() -> None:
    """pluggy refuses the plugin; we say so."""

    @hookimpl
    def gazebench_event(evnt: Any) -> None:
        raise AssertionError(evnt)

    hooks = Hooks()
    hooks.add(source("typo"), lambda: SimpleNamespace(gazebench_event=gazebench_event))

    assert "PluginValidationError" in hooks.problems[0].cause
    assert hooks.call("gazebench_event", event=1) == ([], [])


def test_a_forgotten_mark_is_noticed() -> None:
    """pluggy ignores an unmarked function in silence."""
    hooks = Hooks()
    hooks.add(source("shy"), lambda: SimpleNamespace(gazebench_event=lambda event: event))

    assert [p.cause for p in hooks.problems] == [
        "gazebench_event is not marked, so it is never called"
    ]
    assert hooks.problems[0].do == "add @hookimpl"


def test_a_hook_that_does_not_exist_is_noticed() -> None:
    """With the closest one; optional hooks are for other versions and pass."""

    @hookimpl
    def gazebench_evnt(event: Any) -> None:
        raise AssertionError(event)

    @hookimpl(optionalhook=True)
    def gazebench_future(event: Any) -> None:
        raise AssertionError(event)

    plugin = SimpleNamespace(gazebench_evnt=gazebench_evnt, gazebench_future=gazebench_future)
    hooks = Hooks()
    hooks.add(source("typo"), lambda: plugin)

    (problem,) = hooks.problems
    assert problem.cause == "gazebench_evnt is not a hook of GazeBench"
    assert problem.do == "did you mean 'gazebench_event'?"
