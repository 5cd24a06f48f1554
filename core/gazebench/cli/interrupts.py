"""Ctrl-C that is not lost.

Python raises KeyboardInterrupt wherever the main thread happens to be. In a callback of a C library
(threadpoolctl, ctypes) or a destructor that exception is printed and dropped, and a run would go on
as if nobody had asked it to stop.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

Event = TypeVar("Event")


@contextmanager
def heeded_interrupts(report: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """Remember every Ctrl-C during a block, and raise one that was dropped.

    Gives a reporter that hands every event on and then raises what was dropped until then; so does
    the block's end. Outside the main thread, where no signal arrives, `report` stays as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield report
        return
    pressed = threading.Event()

    def press(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    def check() -> None:
        if pressed.is_set():
            pressed.clear()
            raise KeyboardInterrupt

    def heed(event: Event) -> None:
        report(event)
        check()

    before = signal.signal(signal.SIGINT, press)
    try:
        yield heed
        check()
    finally:
        signal.signal(signal.SIGINT, before)
