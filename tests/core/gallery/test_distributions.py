"""How scores are spread over the cases."""

from __future__ import annotations

import pyarrow as pa

from gazebench.gallery.distributions import Spread, draw, spreads
from gazebench.leaderboard.figure_file import Picture
from gazebench.spec.board import MetricColumn

NCC = MetricColumn(name="ncc", title="NCC", higher_is_better=True, chance=0.0, version=1)
ROWS = [
    ("interobserver", "a", 0.8),
    ("interobserver", "b", 0.6),
    ("net/cam", "a", 0.2),
    ("net/cam", "a", 0.4),
    ("net/cam", "b", None),
]


def table() -> pa.Table:
    return pa.table(
        {
            "entry": [row[0] for row in ROWS],
            "case": [row[1] for row in ROWS],
            "value": pa.array([row[2] for row in ROWS], pa.float64()),
            "metric": ["ncc"] * len(ROWS),
        }
    )


def test_an_image_counts_once_and_gaps_not_at_all() -> None:
    """The mean over its readings and seeds; entries without any value are left out."""
    found = spreads(table(), "ncc", ["interobserver", "net/cam", "nobody"])

    assert found[0] == Spread(entry="interobserver", values=(0.8, 0.6))
    assert found[1].entry == "net/cam"
    assert [round(value, 9) for value in found[1].values] == [0.3]


def test_a_subset_shows_its_own_images() -> None:
    """And nothing where it has no value."""
    found = spreads(table(), "ncc", ["interobserver", "net/cam"], frozenset({"b"}))

    assert found == (Spread(entry="interobserver", values=(0.6,)),)


def test_a_figure_names_every_entry_and_is_the_same_every_time() -> None:
    """Text stays text, hostile or not."""
    found = [
        Spread(entry="interobserver", values=(0.8, 0.6)),
        Spread(entry="<b>$x$", values=(0.1,)),
    ]

    first, second = (draw(found, NCC, "interobserver") for _ in range(2))

    assert first == second
    assert b"interobserver" in first[Picture.SVG]
    assert b"&lt;b&gt;$x$" in first[Picture.SVG]
    assert first[Picture.PNG].startswith(b"\x89PNG")
