"""Gaming checks on the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from gazebench.cli.checks_view import COLUMNS, print_checks
from gazebench.engine.checks import Checked


def of(entry: str, gain: float | None, excess: float | None) -> Checked:
    return Checked(
        entry=entry,
        images=3,
        gain_over_centre_bias=gain,
        gain_from_blur_and_bias=gain,
        gain_beyond_bias=gain,
        closest_reader_excess=excess,
    )


@pytest.mark.parametrize("width", [80, 100])
def test_every_entry_stands_in_one_line_with_signs(width: int) -> None:
    """The ceiling's line has the readers' figure alone."""
    out = io.StringIO()
    checks = [of("interobserver", None, 0.1), of("net/cam/uniform", -0.25, 0.0)]

    print_checks(checks, Console(file=out, width=width))

    lines = [line.split() for line in out.getvalue().splitlines()]
    assert ["interobserver", "+0.100"] in lines
    assert ["net/cam/uniform", "-0.250", "-0.250", "-0.250", "+0.000"] in lines


def test_names_are_whole_on_a_narrow_screen_and_every_column_is_explained() -> None:
    """The longest name of the default run fits into 80 columns beside the figures."""
    out = io.StringIO()

    print_checks(
        [of("interobserver", None, 0.1), of("ag_sononet/gradcam/thresholded", -0.25, 0.0)],
        Console(file=out, width=80),
    )

    text = out.getvalue()
    assert "ag_sononet/gradcam/thresholded  " in text
    for name in COLUMNS:
        assert f"\n{' '.join(name.split())}: " in text
    assert max(map(len, text.splitlines())) <= 80


def test_nothing_is_printed_where_nothing_was_checked() -> None:
    """Without entries there is nothing to say."""
    out = io.StringIO()

    print_checks([of("interobserver", None, None)], Console(file=out, width=80))

    assert out.getvalue() == ""
