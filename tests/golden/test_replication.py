"""`gazebench replicate etsaliencymaps` on the published scores, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

from commands import gazebench


def test_every_printed_figure_is_reproduced_to_its_last_decimal_or_one_beside(
    shared_data: Path,
) -> None:
    folder = shared_data / "etsaliencymaps_scores"

    done = gazebench("replicate", "etsaliencymaps", str(folder), "--strict", "--json")

    document = json.loads(done.stdout)
    assert document["counts"] == {"exact": 47, "within rounding": 3, "not reproduced": 0}
    beside = [n for n in document["numbers"] if n["match"] != "exact"]
    assert {n["exact_in"] for n in beside} <= {"table1_thresholded.csv.gz"}
    assert {(n["entry"], n["metric"]) for n in beside} == {
        ("interobserver", "auc"),
        ("ag_sononet/attention1", "sauc"),
    }


def test_all_differences_of_the_tables_survive_and_pairing_finds_more(shared_data: Path) -> None:
    folder = shared_data / "etsaliencymaps_scores"

    done = gazebench("replicate", "etsaliencymaps", str(folder), "--json")

    differences = json.loads(done.stdout)["differences"]
    apart = [d for d in differences if d["intervals_apart"]]
    close = [d for d in differences if not d["intervals_apart"]]
    assert len(apart) == 43
    assert all(d["survives"] for d in apart)
    assert 8 <= sum(d["survives"] for d in close) <= 14  # of 20; two p-values lie near 5 %
    cams = [d for d in differences if d["metric"] == "sauc" and {d["a"], d["b"]} == {
        "ag_sononet/gradcam", "sononet/gradcam"}]  # fmt: skip
    assert [d["survives"] for d in cams] == [False]
    kept = [d for d in differences if d["survives"]]
    assert {d["seeds"] for d in kept} == {5}
    assert 40 <= sum(d["seeds_better"] == 5 for d in kept) < len(kept)


def test_the_formula_of_the_paper_gives_wide_intervals_where_seeds_differ(
    shared_data: Path,
) -> None:
    folder = shared_data / "etsaliencymaps_scores"

    done = gazebench("replicate", "etsaliencymaps", str(folder), "--json")

    scores = json.loads(done.stdout)["scores"]
    assert len(scores) == 6 * (4 + 2 + 2)
    widening = {(s["subset"], s["metric"], s["entry"]): s["widening"] for s in scores}
    assert widening["all", "auc", "ag_sononet/attention1"] > 1.8
    assert 0.95 < widening["all", "ncc", "convex_segmentation"] < 1.1
    like = {(s["subset"], s["metric"], s["entry"]): s["like_a_reader"] for s in scores}
    assert like["all", "ncc", "convex_segmentation"] == "yes"
    assert like["all", "sncc", "ag_sononet/gradcam"] == "undecided"
    assert like["normal", "sncc", "ag_sononet/gradcam"] is None  # the ceiling is below chance


def test_the_page_in_the_docs_is_what_the_command_writes(shared_data: Path, tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "replication.md"

    gazebench(
        "replicate", "etsaliencymaps", str(shared_data / "etsaliencymaps_scores"),
        "--out", str(tmp_path),
    )  # fmt: skip

    assert page.read_text() == (tmp_path / "report.md").read_text()
