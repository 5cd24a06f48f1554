"""The paper's published figures, from the paper's published scores.

Protocol section 9 and the tables of arXiv 2112.11716, to all three printed decimals. The authors'
AUCs were sampled without a seed, once for each mixing; the table's rows that have no mixing agree
with the run of `thresholded`. Where the run of `uniform` gives another third decimal
(interobserver AUC 0.791 for 0.790, attention 1 sAUC 0.515 for 0.514), the figure is checked on the
run that was printed.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from commands import gazebench
from gazebench.leaderboard.rank_table import TableOptions, rank_table
from gazebench.registry.host import Host
from gazebench.spec.board import Board, Cell

UNIFORM, THRESHOLDED, SUBSETS = (
    f"{name}.csv.gz" for name in ("table1_uniform", "table1_thresholded", "table2_subsets_uniform")
)
CEILING, AG_CAM, CAM = "interobserver", "ag_sononet/gradcam", "sononet/gradcam"
AM1, AM2, CONVEX = "ag_sononet/attention1", "ag_sononet/attention2", "convex_segmentation"

# file, subset, entry, metric, score, interval where the protocol prints it
PUBLISHED = [
    (UNIFORM, "all", CEILING, "ncc", "0.632", "[0.606, 0.658]"),
    (THRESHOLDED, "all", CEILING, "ncc", "0.632", "[0.606, 0.658]"),
    (THRESHOLDED, "all", CEILING, "auc", "0.790", "[0.782, 0.799]"),
    (UNIFORM, "all", CEILING, "sncc", "0.028", "[0.002, 0.055]"),
    (THRESHOLDED, "all", CEILING, "sncc", "0.028", "[0.002, 0.055]"),
    (UNIFORM, "all", CEILING, "sauc", "0.558", "[0.547, 0.568]"),
    (THRESHOLDED, "all", CEILING, "sauc", "0.558", "[0.547, 0.568]"),
    (UNIFORM, "all", AG_CAM, "ncc", "0.343", None),
    (UNIFORM, "all", AG_CAM, "auc", "0.678", None),
    (UNIFORM, "all", AG_CAM, "sncc", "0.029", "[0.002, 0.055]"),
    (UNIFORM, "all", AG_CAM, "sauc", "0.529", "[0.521, 0.538]"),
    (UNIFORM, "all", CAM, "ncc", "0.437", None),
    (UNIFORM, "all", CAM, "auc", "0.696", None),
    (UNIFORM, "all", CAM, "sncc", "-0.067", None),
    (UNIFORM, "all", CAM, "sauc", "0.522", None),
    (UNIFORM, "all", AM1, "ncc", "0.254", None),
    (UNIFORM, "all", AM1, "auc", "0.672", None),
    (UNIFORM, "all", AM1, "sncc", "-0.032", None),
    (THRESHOLDED, "all", AM1, "ncc", "0.254", None),
    (THRESHOLDED, "all", AM1, "auc", "0.672", None),
    (THRESHOLDED, "all", AM1, "sncc", "-0.032", None),
    (THRESHOLDED, "all", AM1, "sauc", "0.514", None),
    (UNIFORM, "all", AM2, "ncc", "0.359", None),
    (UNIFORM, "all", AM2, "auc", "0.684", None),
    (UNIFORM, "all", AM2, "sncc", "-0.007", None),
    (UNIFORM, "all", AM2, "sauc", "0.522", None),
    (THRESHOLDED, "all", AM2, "auc", "0.684", None),
    (THRESHOLDED, "all", AM2, "sauc", "0.522", None),
    (UNIFORM, "all", CONVEX, "ncc", "0.637", None),
    (UNIFORM, "all", CONVEX, "auc", "0.735", None),
    (UNIFORM, "all", CONVEX, "sncc", "-0.187", None),
    (UNIFORM, "all", CONVEX, "sauc", "0.505", None),
    (THRESHOLDED, "all", CONVEX, "auc", "0.735", None),
    (THRESHOLDED, "all", CONVEX, "sauc", "0.505", None),
    (SUBSETS, "normal", AG_CAM, "sncc", "-0.047", "[-0.096, 0.002]"),
    (SUBSETS, "abnormal", AG_CAM, "sncc", "0.045", "[0.016, 0.074]"),
    (SUBSETS, "normal", AG_CAM, "sauc", "0.497", "[0.482, 0.512]"),
    (SUBSETS, "abnormal", AG_CAM, "sauc", "0.538", "[0.529, 0.548]"),
    (SUBSETS, "normal", CEILING, "sauc", "0.532", None),
    (SUBSETS, "abnormal", CEILING, "sauc", "0.566", None),
]
PUBLISHED_IMAGES = {"all": 91, "abnormal": 74, "normal": 17}


@cache
def board(path: Path) -> Board:
    """Return the board of a published table, with the paper's intervals."""
    return rank_table(path, Host(), TableOptions(interval="paper"))


@cache
def printed(path: Path) -> str:
    """Return what the command line prints for a published table."""
    finished = gazebench("rank", str(path), "--interval", "paper")
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize(("file", "subset", "entry", "metric", "score", "interval"), PUBLISHED)
def test_board_has_the_published_figure(
    shared_data: Path,
    file: str,
    subset: str,
    entry: str,
    metric: str,
    score: str,
    interval: str | None,
) -> None:
    cell = _cell(board(shared_data / "etsaliencymaps_scores" / file), subset, entry, metric)

    assert f"{cell.score:.3f}" == score
    assert cell.interval is not None
    if interval is not None:
        assert f"[{cell.interval.low:.3f}, {cell.interval.high:.3f}]" == interval
    assert cell.n_images == PUBLISHED_IMAGES[subset]


@pytest.mark.parametrize(("file", "subset", "entry", "metric", "score", "interval"), PUBLISHED)
def test_command_prints_the_published_figure(
    shared_data: Path,
    file: str,
    subset: str,
    entry: str,
    metric: str,
    score: str,
    interval: str | None,
) -> None:
    text = printed(shared_data / "etsaliencymaps_scores" / file)
    (part,) = [p for p in text.split("\n\n") if f": {subset} ({PUBLISHED_IMAGES[subset]} " in p]
    heading = next(line for line in part.splitlines() if "sauc" in line)
    (line,) = [line for line in part.splitlines() if entry in line.split()]

    found = re.search(rf"\b{metric}\b", heading)
    assert found is not None
    shown = line[found.start() - 1 :]  # numbers begin under the heading, or a sign before
    assert shown.split()[0] == score
    if interval is not None:
        assert shown.lstrip().removeprefix(score).lstrip().startswith(interval)


def test_seeds_and_readings_are_all_there(shared_data: Path) -> None:
    path = shared_data / "etsaliencymaps_scores" / UNIFORM

    cell = _cell(board(path), "all", AG_CAM, "ncc")

    assert (cell.n_rows, cell.coverage) == (91 * 5 * 5, 1.0)


def test_location_groups_have_the_published_sizes(shared_data: Path) -> None:
    found = board(shared_data / "etsaliencymaps_scores" / SUBSETS)

    sizes = {subset.name: subset.n_images for subset in found.subsets}
    assert sizes == {
        "all": 91,
        "pleural": 28,
        "parenchymal": 59,
        "cardiomediastinal": 25,
        "abnormal": 74,
        "normal": 17,
    }


def _cell(found: Board, subset: str, entry: str, metric: str) -> Cell:
    (part,) = [s for s in found.subsets if s.name == subset]
    (row,) = [r for r in part.rows if r.entry == entry]
    return row.cells[metric]
