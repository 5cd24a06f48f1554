"""Events of a run as plain lines."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from gazebench.cli import console
from gazebench.spec.events import MapsMade, StageAdvanced


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list whose last number is the time."""
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[-1])
    return now


def lines(clock: list[float], *events: tuple[float, Any]) -> list[str]:
    out = io.StringIO()
    report = console._PlainReport(Console(file=out, width=100))
    for now, event in events:
        clock.append(now)
        report(event)
    return out.getvalue().splitlines()


def scored(done: int) -> StageAdvanced:
    return StageAdvanced(stage="scoring", done=done, total=20)


def test_a_rate_counts_what_was_done_since_the_clock_started(clock: list[float]) -> None:
    """The first word of a stage is the start: it says nothing about how fast it goes."""
    assert lines(clock, (5, scored(4)), (7, scored(8)), (13, scored(20))) == [
        "scoring: 4/20",
        "scoring: 8/20, 2/s, 6 s left",
        "scoring: 20/20, 2/s",
    ]


def test_events_that_arrive_at_once_have_no_rate(clock: list[float]) -> None:
    """A task of another process is told in one breath; so are maps that were made in one."""
    made = MapsMade(explained="net/cam", done=7, total=7)
    assert lines(clock, (5, scored(18)), (5.0001, scored(20)), (5.0002, made)) == [
        "scoring: 18/20",
        "scoring: 20/20",
        "maps of net/cam: 7/7",
    ]


def test_high_rates_are_whole_numbers(clock: list[float]) -> None:
    many = [StageAdvanced(stage="gaze", done=done, total=9000) for done in (0, 9000)]

    assert lines(clock, (0, many[0]), (2, many[1])) == ["gaze: 0/9000", "gaze: 9000/9000, 4,500/s"]
