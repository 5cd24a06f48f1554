"""A call that takes too long is ended on any thread, and nothing of it comes later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gazebench.registry.deadline import DeadlineError, deadline

SHORT, LONG = 0.05, 600.0


def loop(seconds: float) -> None:
    with deadline(seconds):
        while True:
            pass


def sleep(seconds: float) -> None:
    with deadline(seconds):
        time.sleep(LONG)


def stubborn(seconds: float) -> None:
    """Catch the first, not the second."""
    with deadline(seconds):
        try:
            time.sleep(LONG)
        except DeadlineError:
            time.sleep(LONG)


@pytest.mark.parametrize("task", [loop, sleep])
def test_the_main_thread_is_ended_even_asleep(task: Callable[[float], None]) -> None:
    with pytest.raises(DeadlineError, match=r"took longer than 0\.05 s"):
        task(SHORT)


def test_another_thread_is_ended_at_its_next_line() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(DeadlineError, match="took longer"):
        pool.submit(loop, SHORT).result()


def test_who_catches_it_hears_it_again() -> None:
    with pytest.raises(DeadlineError):
        stubborn(SHORT)


@pytest.mark.parametrize("on_main", [True, False])
def test_what_is_done_in_time_is_left_alone(*, on_main: bool) -> None:
    def work() -> int:
        done = 0
        for _ in range(200):
            with deadline(LONG):
                done += 1
        return done

    if on_main:
        assert work() == 200
    else:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(work).result() == 200
    assert not [t for t in threading.enumerate() if t.name == "gazebench-deadline" and not t.daemon]


def test_no_limit_starts_nothing() -> None:
    before = threading.active_count()

    with deadline(None):
        assert threading.active_count() == before
