"""Replications on hand-made tables: what matches, what does not, and which differences survive."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import gazebench
from gazebench.errors import DataError, PluginError
from gazebench.leaderboard.replicate import judge, replicate
from gazebench.leaderboard.replicate_files import write_replication
from gazebench.leaderboard.replicate_report import report
from gazebench.leaderboard.replicate_words import how, seeds_in_words
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
def unknown():
    return (
        PublishedTable(
            title="Table 1", file="one.csv",
            figures=(
                PrintedFigure("good", "kl", "0.5"),
                PrintedFigure("good", "ncc", "0.5", subset="elderly"),
                PrintedFigure("good", "ncc", "0.5", subset="normal"),
            ),
        ),
    )

@replication(source="nowhere")
def seeded():
    return (
        PublishedTable(
            title="Table 1", file="seeds.csv",
            figures=(
                PrintedFigure("good", "ncc", "-0.010", "-1", "1"),
                PrintedFigure("good", "ncc", "-0.5", subset="abnormal"),
                PrintedFigure("good", "ncc", "0.5", subset="normal"),
            ),
        ),
    )
"""
BROKEN = """
from gazebench import replication
from gazebench.spec import PrintedFigure, PublishedTable

@replication(source="nowhere")
def broken():
    return {returned}
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
    scores = list(csv.DictReader((tmp_path / "out" / "scores.csv").read_text().splitlines()))
    assert len(scores) == len(found.standings) == len(document["scores"])
    text = (tmp_path / "out" / "report.md").read_text()
    assert text == "\n".join(report(found)).rstrip() + "\n"
    assert "6 printed numbers: 3 exact, 1 within rounding, 2 not reproduced." in text


def test_a_negative_number_is_a_number_in_a_spreadsheet(folder: Path, tmp_path: Path) -> None:
    host = Host((folder / "mine.py",))
    found = replicate(host.get("replication", "unknown"), folder, host, resamples=50)
    first = found.numbers[0]
    turned = replace(found, numbers=(replace(first, printed="-0.50"),))

    write_replication(turned, tmp_path)

    (row,) = csv.DictReader((tmp_path / "match.csv").read_text().splitlines())
    assert (row["printed"], row["decimals"], row["found"]) == ("-0.5", "2", "")
    document = json.loads((tmp_path / "replication.json").read_text())
    assert document["numbers"][0]["printed"] == "-0.50"


def test_the_command_prints_and_strict_fails(folder: Path, tmp_path: Path) -> None:
    asked = (
        "replicate", "made_up", str(folder), "--plugin", str(folder / "mine.py"),
        "--resamples", "200",
    )  # fmt: skip

    shown = gazebench(*asked, "--out", str(tmp_path / "out"))
    strict = gazebench(*asked, "--strict", "--json")

    assert "not reproduced, exact in two" in shown.stdout
    assert "good, abnormal" in shown.stdout
    assert strict.returncode == 3
    assert "2 of 6 printed numbers are not reproduced" in strict.stderr
    assert json.loads(strict.stdout)["format"] == "gazebench-replication"


def test_a_missing_file_is_named_with_where_to_get_it(folder: Path, tmp_path: Path) -> None:
    host = Host((folder / "mine.py",))

    with pytest.raises(DataError, match=r"there is no file .*one\.csv") as raised:
        replicate(host.get("replication", "made_up"), tmp_path, host)

    assert "the scores of nowhere" in str(raised.value.do)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"one\.csv is empty"),
        ("image,metric,entry\n1,ncc,a\n", r"one\.csv has no column"),
        ("image,metric,entry,score\n1,ncc,a,much\n", r"one\.csv:2: score must be a number"),
    ],
)
def test_a_broken_file_is_named_with_where_to_take_it_again(
    folder: Path, tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "one.csv").write_text(text)
    host = Host((folder / "mine.py",))

    with pytest.raises(DataError, match=complaint) as raised:
        replicate(host.get("replication", "made_up"), tmp_path, host)

    assert "take it again from the scores of nowhere" in raised.value.do


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        ("('a table',)", "broken does not return published tables"),
        ("None", "broken does not return published tables"),
        ("()", "broken does not return published tables"),
        (
            "(PublishedTable(title='T', file='one.csv', figures=(('good', 'ncc', '1'),)),)",
            "broken does not return published tables",
        ),
        ("1 / 0", "broken raised ZeroDivisionError"),
        (
            "(PublishedTable(title='T', file='f', figures=(PrintedFigure('a', 'ncc', '0,5'),)),)",
            "broken, T, a, ncc: expected a number as text, .* found '0,5'",
        ),
        (
            "(PublishedTable(title='T', file='f', figures=(PrintedFigure('a', 'ncc', 0.5),)),)",
            "found 0.5",
        ),
    ],
)
def test_a_plugin_that_returns_something_else_is_named(
    folder: Path, tmp_path: Path, returned: str, complaint: str
) -> None:
    (tmp_path / "broken.py").write_text(BROKEN.format(returned=returned))
    host = Host((tmp_path / "broken.py",))

    with pytest.raises(PluginError, match=complaint):
        replicate(host.get("replication", "broken"), folder, host)


def test_what_the_table_does_not_have_is_not_reproduced(folder: Path) -> None:
    host = Host((folder / "mine.py",))

    found = replicate(host.get("replication", "unknown"), folder, host, resamples=50)

    assert [n.found is None for n in found.numbers] == [True, True, False]
    assert how(found.numbers[0]) == "not reproduced (absent)"
    assert found.differences == ()
    assert {(one.subset, one.metric) for one in found.standings} == {("normal", "ncc")}
    assert "Which differences survive" not in "\n".join(report(found))


def test_scores_stand_beside_both_intervals(found: Replicated) -> None:
    one = next(s for s in found.standings if (s.table, s.entry) == ("Table 1", "good"))

    assert one.published is not None
    assert one.cell.interval is not None
    ours = one.cell.interval.high - one.cell.interval.low
    assert one.widening == pytest.approx((one.published.high - one.published.low) / ours)
    assert 0.8 < one.widening < 1.25  # one row an image: both estimate the same
    order = [s.cell.score or 0.0 for s in found.standings if s.table == "Table 1"]
    assert order == sorted(order, reverse=True)


def test_a_difference_is_counted_seed_by_seed(folder: Path) -> None:
    rng = np.random.default_rng(1)
    lines = ["image,seed,metric,entry,score,abnormal_majority"]
    for number in range(IMAGES):
        for seed, gain in enumerate((0.4, 0.3, -0.1)):
            score = gain + (gain if number % 2 else 0) + 0.01 * rng.normal()
            lines.append(f"{number:02d},{seed},ncc,good,{score},{number % 2}")
        lines.append(f"{number:02d},0,ncc,poor,{0.01 * rng.normal()},{number % 2}")
    (folder / "seeds.csv").write_text("\n".join(lines) + "\n")
    host = Host((folder / "mine.py",))

    found = replicate(host.get("replication", "seeded"), folder, host, resamples=200)

    assert [(p.a, p.subset_a, p.seeds) for p in found.differences] == [
        ("good", "all", (2, 3)),
        ("good", "abnormal", (2, 3)),
    ]
    assert "Of 2 differences found (surviving or new), 0 are there in every seed" in (
        seeds_in_words(found)
    )


def test_without_a_name_the_command_lists_what_there_is() -> None:
    listed = gazebench("replicate").stdout.splitlines()

    assert "etsaliencymaps" in listed
    assert any("arXiv" in line for line in listed)
    assert any("from the scores published at" in line for line in listed)


def test_without_a_folder_the_command_says_what_it_needs() -> None:
    done = gazebench("replicate", "etsaliencymaps")

    assert done.returncode != 0
    assert "published" in done.stderr
    assert "Traceback" not in done.stderr
