"""The fault barrier: a plugin's errors become values, a user's interrupt does not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.failures import FailureLog
from gazebench.errors import PluginError
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin


@pytest.fixture
def plugin() -> Plugin:
    return Host().get("floor", "uniform")


def test_what_a_task_returns_passes(plugin: Plugin) -> None:
    assert guarded(plugin, "case 1", max, 1, 2) == 2


def test_an_error_names_the_plugin_and_the_cause(plugin: Plugin) -> None:
    failure = guarded(plugin, "case 1", int, "x")

    assert isinstance(failure, Failure)
    assert failure.reason.startswith("uniform raised ValueError: invalid literal")


def test_our_own_errors_keep_their_words(plugin: Plugin) -> None:
    def refuse() -> None:
        raise PluginError("the method m returned nothing", do="mend it")

    assert guarded(plugin, "case 1", refuse) == Failure(
        plugin="uniform", reason="the method m returned nothing"
    )


def test_a_plugin_that_exits_ends_its_own_task_only(plugin: Plugin) -> None:
    assert guarded(plugin, "case 1", sys.exit, 3) == Failure(
        plugin="uniform", reason="uniform raised SystemExit: 3"
    )


def test_what_is_no_exception_ends_its_own_task_too(plugin: Plugin) -> None:
    class Stop(BaseException):
        """What some libraries leave by."""

    def leave() -> None:
        raise Stop("enough")

    assert guarded(plugin, "case 1", leave) == Failure(
        plugin="uniform", reason="uniform raised Stop: enough"
    )


def test_an_error_that_cannot_say_what_it_is_is_one_all_the_same(plugin: Plugin) -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    def fail() -> None:
        raise MuteError

    failure = guarded(plugin, "case 1", fail)

    assert isinstance(failure, Failure)
    assert failure.reason.startswith("uniform raised MuteError: (no message")


def test_ctrl_c_is_not_the_plugins_to_swallow(plugin: Plugin) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded(plugin, "case 1", stop)


def short_on_the_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize(
    "ask", [lambda: bytearray(2**62), lambda: np.zeros(2**50), short_on_the_gpu]
)
def test_a_plugin_that_asks_for_too_much_memory_fails_alone(
    plugin: Plugin, ask: Callable[[], object]
) -> None:
    failure = guarded(plugin, "case 1", ask)

    assert isinstance(failure, Failure)
    assert failure.is_memory
    assert "MemoryError" in failure.reason or "OutOfMemory" in failure.reason


def test_a_plugins_own_line_is_named(tmp_path: Path) -> None:
    """In the reason; the traceback has the plugin's frames and none of the harness."""
    file = tmp_path / "mine.py"
    file.write_text(
        "from gazebench import floor\n\n\n@floor()\ndef broken(context):\n"
        "    return inner(context)\n\n\ndef inner(context):\n    return [][1]\n"
    )
    broken = Host([file]).get("floor", "broken")

    failure = guarded(broken, "case 1", broken.call, None)

    assert isinstance(failure, Failure)
    assert failure.reason == "broken raised IndexError: list index out of range (mine.py:10)"
    assert "return [][1]" in failure.traceback
    assert "return inner(context)" in failure.traceback
    assert "registry/plugin.py" not in failure.traceback
    assert "engine/barrier.py" not in failure.traceback


def test_a_reason_is_one_short_line(plugin: Plugin) -> None:
    def shout() -> None:
        raise ValueError("a" * 1000 + "\nmore\nlines")

    failure = guarded(plugin, "case 1", shout)

    assert isinstance(failure, Failure)
    assert failure.reason == f"uniform raised ValueError: {'a' * 200}..."
    assert "more" in failure.traceback


def test_the_log_keeps_different_failures_once(plugin: Plugin, tmp_path: Path) -> None:
    log = FailureLog()

    for text in ("x", "y", "x"):
        failure = guarded(plugin, "case 1", int, text)
        assert isinstance(failure, Failure)
        log.hear(failure)
    log.hear(Failure(plugin="p", reason="refused by the harness: nothing was raised"))

    assert log.write(tmp_path) == tmp_path / "failures.log"
    text = (tmp_path / "failures.log").read_text()
    assert text.count("times, first:") == text.count("once:") == 1
    assert "literal for int() with base 10: 'x'\n2 times, first:" in text
    assert "literal for int() with base 10: 'y'\nonce:" in text
    assert "refused" not in text


def test_a_run_without_failures_leaves_no_log(tmp_path: Path) -> None:
    (tmp_path / "failures.log").write_text("of an earlier run")

    assert FailureLog().write(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
