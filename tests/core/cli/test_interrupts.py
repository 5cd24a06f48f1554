"""Ctrl-C stops the work even where a library drops it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from gazebench.cli.interrupts import heeded_interrupts


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def work(heard: list[str], press_once: Callable[[], None]) -> None:
    """Report, be interrupted, and report again."""
    with heeded_interrupts(heard.append) as report:
        report("before")
        press_once()
        report("between")
        report("after")


def dropped() -> None:
    """Press Ctrl-C where a library drops the exception."""
    with suppress(KeyboardInterrupt):
        press()


def test_a_dropped_interrupt_is_raised_at_the_next_event() -> None:
    """As a callback of a C library drops it: the work goes on, up to the next event."""
    heard: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        work(heard, dropped)

    assert heard == ["before", "between"]


def test_a_dropped_interrupt_is_raised_at_the_end_of_the_block() -> None:
    """Work that never checks ends as interrupted all the same."""
    with pytest.raises(KeyboardInterrupt), heeded_interrupts(print), suppress(KeyboardInterrupt):
        press()


def test_an_interrupt_stops_the_work_at_once_where_nobody_drops_it() -> None:
    """The handler raises as Python's own does."""
    heard: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        work(heard, press)

    assert heard == ["before"]


def test_the_handler_before_is_put_back() -> None:
    """Whatever the block ends with."""
    before = signal.getsignal(signal.SIGINT)
    with suppress(KeyboardInterrupt), heeded_interrupts(print):
        press()

    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_use_it() -> None:
    """No signal arrives there, and none is handled."""
    found: list[str] = []

    def work() -> None:
        with heeded_interrupts(found.append) as report:
            report("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == ["done"]
