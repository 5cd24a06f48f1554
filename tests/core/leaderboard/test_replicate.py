"""Replications on hand-made tables: what matches, what does not, and which differences survive."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from commands import gazebench
from gazebench.errors import DataError, PluginError
from gazebench.leaderboard.replicate import judge, replicate
from gazebench.leaderboard.replicate_files import write_replication
from gazebench.leaderboard.replicate_report import report
from gazebench.leaderboard.replication import Match, Replicated
from gazebench.registry.host import Host

PLUGIN = """
from gazebench import replication
from gazebench.spec import PrintedFigure, PublishedTable

@replication(title="Made up", source="the scores of nowhere", reference="Nobody (2026)")
def made_up():
    return (
        PublishedTable(
            title="Table 1", file="one.csv", also=("two.csv",),
            figures=(
                PrintedFigure("good", "ncc", "{good}", "{low}", ""),
                PrintedFigure("poor", "ncc", "{poor}"),
                PrintedFigure("absent", "ncc", "0.5"),
            ),
            note="one note",
        ),
        PublishedTable(
            title="Table 2", file="one.csv",
            figures=(
                PrintedFigure("good", "ncc", "{abnormal}", subset="abnormal"),
                PrintedFigure("good", "ncc", "{normal}", subset="normal"),
            ),
        ),
    )

@replication(source="nowhere")
def broken():
    return ("a table",)
"""
IMAGES = 40


def write_scores(path: Path, shift: float = 0.0) -> dict[str, np.ndarray]:
    """Write a table: `good` beats `poor` on every image, abnormal images are easier."""
    rng = np.random.default_rng(0)
    abnormal = np.arange(IMAGES) % 2
    image = 0.3 * rng.normal(size=IMAGES)
    scores = {
        "good": image + 0.4 * abnormal + shift,
        "poor": image - 0.1 + 0.02 * rng.normal(size=IMAGES),
        "twin": image + 0.4 * abnormal + shift,
    }
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "metric", "entry", "score", "abnormal_majority"])
        for entry, values in scores.items():
            for number, value in enumerate(values):
                writer.writerow(
                    [f"{number:02d}", "ncc", entry, repr(float(value)), abnormal[number]]
                )
    return scores


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("published")
    scores = write_scores(made / "one.csv")
    other = write_scores(made / "two.csv", shift=0.01)
    good, poor = scores["good"], scores["poor"]
    low = good.mean() - 1.96 * good.std(ddof=1) / np.sqrt(IMAGES)
    odd = np.arange(IMAGES) % 2 == 1
    (made / "mine.py").write_text(
        PLUGIN.format(
            good=f"{other['good'].mean():.3f}",  # printed from the other file
            low=f"{low:.3f}",
            poor=f"{poor.mean() + 0.001:.3f}",
            abnormal=f"{good[odd].mean():.3f}",
            normal=f"{good[~odd].mean():.3f}",
        )
    )
    return made


@pytest.fixture(scope="module")
def found(folder: Path) -> Replicated:
    host = Host((folder / "mine.py",))
    return replicate(host.get("replication", "made_up"), folder, host, resamples=500)


@pytest.mark.parametrize(
    ("printed", "number", "match"),
    [
        ("0.790", 0.78951, Match.EXACT),
        ("0.790", 0.7906, Match.ROUNDING),
        ("0.790", 0.7894, Match.ROUNDING),
        ("0.790", 0.7916, Match.DIFFERENT),
        ("-0.000", 0.0001, Match.EXACT),
        ("12", 12.4, Match.EXACT),
        ("0.79", None, Match.DIFFERENT),
    ],
)
def test_a_number_is_held_to_the_decimals_that_were_printed(printed, number, match) -> None:
    assert judge(printed, number) is match


def test_every_printed_number_is_judged(found: Replicated) -> None:
    by_place = {(n.table, n.figure.entry, n.figure.subset, n.quantity): n for n in found.numbers}

    assert len(by_place) == len(found.numbers) == 6
    good = by_place["Table 1", "good", "all", "score"]
    assert good.match is Match.DIFFERENT
    assert good.elsewhere == "two.csv"
    assert by_place["Table 1", "good", "all", "low"].match is Match.EXACT
    assert by_place["Table 1", "poor", "all", "score"].match is Match.ROUNDING
    assert by_place["Table 1", "absent", "all", "score"].found is None
    assert by_place["Table 2", "good", "abnormal", "score"].match is Match.EXACT
    assert [found.count(match) for match in Match] == [3, 1, 2]


def test_differences_are_tested_on_the_same_images(found: Replicated) -> None:
    pairs = {(p.a, p.b): p for p in found.differences if p.table == "Table 1"}

    assert pairs["good", "poor"].survives
    assert pairs["good", "poor"].interval is not None
    assert pairs["good", "poor"].difference == pytest.approx(0.3, abs=0.02)
    assert not pairs["good", "twin"].survives
    assert pairs["good", "twin"].difference == 0.0


def test_subsets_of_an_entry_are_compared_the_better_one_first(found: Replicated) -> None:
    (pair,) = [p for p in found.differences if p.table == "Table 2"]

    assert (pair.a, pair.subset_a, pair.subset_b) == ("good", "abnormal", "normal")
    assert pair.difference > 0
    assert pair.interval is not None
    assert pair.interval.low < pair.difference < pair.interval.high
    assert pair.survives


def test_files_hold_everything(found: Replicated, tmp_path: Path) -> None:
    write_replication(found, tmp_path / "out")

    rows = list(csv.DictReader((tmp_path / "out" / "match.csv").read_text().splitlines()))
    assert [row["match"] for row in rows].count("exact") == 3
    document = json.loads((tmp_path / "out" / "replication.json").read_text())
    assert document["counts"] == {"exact": 3, "within rounding": 1, "not reproduced": 2}
    assert len(document["differences"]) == len(found.differences)
    text = (tmp_path / "out" / "report.md").read_text()
    assert text == "\n".join(report(found)).rstrip() + "\n"
    assert "6 printed numbers: 3 exact, 1 within rounding, 2 not reproduced." in text


def test_the_command_prints_and_strict_fails(folder: Path, tmp_path: Path) -> None:
    asked = (
        "replicate", "made_up", str(folder), "--plugin", str(folder / "mine.py"),
        "--resamples", "200",
    )  # fmt: skip

    shown = gazebench(*asked, "--out", str(tmp_path / "out"))
    strict = gazebench(*asked, "--strict", "--json")

    assert "not reproduced, exact in two" in shown.stdout
    assert "good, abnormal" in shown.stdout
    assert strict.returncode != 0
    assert "2 of 6 printed numbers are not reproduced" in strict.stderr
    assert json.loads(strict.stdout)["format"] == "gazebench-replication"


def test_a_missing_file_is_named_with_where_to_get_it(folder: Path, tmp_path: Path) -> None:
    host = Host((folder / "mine.py",))

    with pytest.raises(DataError, match=r"there is no file .*one\.csv") as raised:
        replicate(host.get("replication", "made_up"), tmp_path, host)

    assert "the scores of nowhere" in str(raised.value.do)


def test_a_plugin_that_returns_something_else_is_named(folder: Path) -> None:
    host = Host((folder / "mine.py",))

    with pytest.raises(PluginError, match="broken does not return published tables"):
        replicate(host.get("replication", "broken"), folder, host)


def test_without_a_name_the_command_lists_what_there_is() -> None:
    assert "etsaliencymaps: " in gazebench("replicate").stdout


def test_without_a_folder_the_command_says_what_it_needs() -> None:
    done = gazebench("replicate", "etsaliencymaps")

    assert done.returncode != 0
    assert "published" in done.stderr
    assert "Traceback" not in done.stderr
