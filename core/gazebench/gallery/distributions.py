"""How every entry's scores are spread over the cases, beside the ceiling's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from gazebench.leaderboard.figure_file import BAND, FAINT, INK, RULE, Picture, file_content
from gazebench.spec.board import MetricColumn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE = 0.32  # inches per entry
LONGEST_NAME = 46


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One entry's score on every case, mean over its readings and seeds."""

    entry: str
    values: tuple[float, ...]


def spreads(
    table: Any, metric: str, entries: Sequence[str], cases: frozenset[str] | None = None
) -> tuple[Spread, ...]:
    """Return the spread of entries with any value on a metric, over all cases or some of them."""
    rows = table.filter(pc.equal(table.column("metric"), metric))
    columns = (rows.column(name).to_pylist() for name in ("entry", "case", "value"))
    found: dict[str, dict[str, list[float]]] = {}
    for entry, case, value in zip(*columns, strict=True):
        if value is not None and (cases is None or case in cases):
            found.setdefault(entry, {}).setdefault(case, []).append(value)
    return tuple(
        Spread(
            entry=entry,
            values=tuple(sum(v) / len(v) for _, v in sorted(found[entry].items())),
        )
        for entry in entries
        if entry in found
    )


def draw(found: Sequence[Spread], metric: MetricColumn, ceiling: str) -> Mapping[Picture, bytes]:
    """Return the figure of some spreads, as SVG and PNG."""
    return {kind: file_content(lambda: _figure(found, metric, ceiling), kind) for kind in Picture}


def _figure(found: Sequence[Spread], metric: MetricColumn, ceiling: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 0.9 + LINE * len(found)), layout="constrained", dpi=160)
    axes = figure.add_subplot()
    of_readers = next((one.values for one in found if one.entry == ceiling), ())
    if of_readers:
        low, high = np.quantile(of_readers, (0.25, 0.75))
        axes.axvspan(low, high, color=BAND, alpha=0.6, linewidth=0)
    if metric.chance is not None:
        axes.axvline(metric.chance, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    for line, one in enumerate(found):
        _strip(axes, len(found) - line, one, is_ceiling=one.entry == ceiling)
    axes.set_yticks(range(len(found), 0, -1), [_short(one.entry) for one in found])
    axes.set_ylim(0.4, len(found) + 0.6)
    axes.set_xlabel(f"{metric.title}, one dot per image; the band holds half of the readers'")
    axes.grid(axis="x", color=RULE)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return figure


def _strip(axes: Any, height: int, one: Spread, *, is_ceiling: bool) -> None:
    """Draw one entry: a dot per image, side by side where they are many, and the median."""
    values = np.sort(np.array(one.values))
    offsets = 0.26 * (np.arange(len(values)) % 5 - 2) / 2
    colour = INK if is_ceiling else "#0072B2"
    axes.scatter(values, height + offsets, s=7, color=colour, alpha=0.55, linewidth=0)
    median = float(np.median(values))
    axes.plot([median, median], [height - 0.36, height + 0.36], color=colour, linewidth=2)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
