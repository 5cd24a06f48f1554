"""A limit to the time of one call, on whatever thread it runs.

On the main thread a timer's signal ends even a call that sleeps. On others Python can only be asked
to raise at the next line of Python: a loop ends, a call into a C library ends when it returns.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeadlineError(BaseException):
    """A call took longer than it may; no `except Exception` of a plugin's holds it up."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Raise a `DeadlineError` in a block that takes longer; None for no limit.

    Whoever catches it and goes on hears it again after as long.
    """
    if seconds is None:
        yield
        return
    is_main = threading.current_thread() is threading.main_thread()
    limit = _on_main(seconds) if is_main and hasattr(signal, "setitimer") else _on_other(seconds)
    try:
        with limit:
            yield
    except DeadlineError:
        raise DeadlineError(f"took longer than {seconds:g} s, which is all it may") from None


@contextmanager
def _on_main(seconds: float) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise DeadlineError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _on_other(seconds: float) -> Iterator[None]:
    lock, thread = threading.Lock(), ctypes.c_ulong(threading.get_ident())
    over, rung = threading.Event(), threading.Event()

    def ring() -> None:
        while not over.wait(seconds):
            with lock:
                if not over.is_set():
                    rung.set()
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        thread, ctypes.py_object(DeadlineError)
                    )

    watch = threading.Thread(target=ring, name="gazebench-deadline", daemon=True)
    watch.start()
    try:
        yield
    finally:
        with lock:
            over.set()
            if rung.is_set():  # what was asked for and has not come must not come later
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)
