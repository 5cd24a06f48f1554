"""Tasks on threads: in order, whatever their number, with errors in their turn."""

from __future__ import annotations

import threading

import pytest

from gazebench.engine.threads import InOrder, Threads, available_threads
from gazebench.gaze.buffers import Buffers


@pytest.mark.parametrize("count", [1, 2, 7])
def test_results_come_in_the_order_of_the_tasks(count: int) -> None:
    groups = [[lambda _b, n=10 * g + t: n for t in range(g % 4)] for g in range(20)]

    with Threads(count) as threads:
        found = list(InOrder[int](threads).results(groups))

    assert found == [[10 * g + t for t in range(g % 4)] for g in range(20)]


def test_a_group_is_prepared_only_when_the_threads_need_it() -> None:
    prepared: list[int] = []

    def groups():
        for group in range(50):
            prepared.append(group)
            yield [lambda _b, g=group: g] * 10

    with Threads(2) as threads:
        results = InOrder[int](threads).results(groups())
        next(results)

        assert len(prepared) <= 3


def test_an_error_is_raised_in_its_turn_and_the_pool_ends() -> None:
    def fails(_buffers: Buffers) -> int:
        raise ValueError("the third")

    with Threads(2) as threads:
        results = InOrder[int](threads).results([[lambda _b: 1], [lambda _b: 2], [fails]])

        assert [next(results), next(results)] == [[1], [2]]
        with pytest.raises(ValueError, match="the third"):
            next(results)


def test_every_thread_has_buffers_of_its_own() -> None:
    barrier = threading.Barrier(3)

    def own(buffers: Buffers) -> int:
        barrier.wait(timeout=60)
        return id(buffers)

    with Threads(3) as threads:
        (found,) = InOrder[int](threads).results([[own] * 3])

    assert len(set(found)) == 3
    assert available_threads() >= 1
