"""`gazebench compare`, as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from commands import gazebench, refused

WOBBLE = ("--metric-declaration", "wobble:lower,chance=0.9")
METRICS = {"wobble": -1, "auc": 1}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table where `m/good` is clearly better than `m/bad` on both metrics."""
    lines = ["image,reader,entry,metric,score,view"]
    for image in range(12):
        noise = 0.01 * ((image * 7) % 5)
        for entry, level in (("m/good", 0.7), ("m/bad", 0.6), ("human", 0.8), ("flat", 0.5)):
            for metric, sign in METRICS.items():
                spread = noise if entry == "m/good" else 2 * noise
                score = level + spread if sign > 0 else 1 - level - spread
                view = "AP" if image % 2 else "PA"
                lines.append(f"i{image},r,{entry},{metric},{score:.4f},{view}")
    path = tmp_path / "small.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_prints_every_metric_with_a_verdict_and_fits_the_screen(table: Path) -> None:
    done = gazebench("compare", table, "m/good", "m/bad", *WOBBLE)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].endswith("A = m/good")
    for start in ("auc ", "wobble (lower) "):
        (line,) = [line for line in lines if line.startswith(start)]
        assert "A is better" in line
    assert "Holm: p corrected for all 2 comparisons shown" in " ".join(done.stdout.split())


def test_long_names_and_large_numbers_are_not_cut(tmp_path: Path) -> None:
    lines = ["image,entry,metric,score"]
    for image in range(20):
        noise = 10 * ((image * 7) % 11 - 5) + (1e-3 if image else 0)
        lines += [f"{image},a,sauc_fixation,{-0.25 - noise}", f"{image},b,sauc_fixation,{-0.25}"]
        lines += [f"{image},a,auc,{-0.25 - noise / 200}", f"{image},b,auc,{-0.23}"]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")

    done = gazebench("compare", path, "a", "b")

    document = json.loads(gazebench("compare", path, "a", "b", "--json").stdout)
    assert max(map(len, done.stdout.splitlines())) <= 100, done.stdout
    shown = {line.split()[0]: line.split()[-1] for line in done.stdout.splitlines() if line}
    for one in document["comparisons"]:
        more = one["more_images"]
        assert shown[one["metric"]] == ("many" if more > 99_999 else f"{more:,}")


def test_a_ceiling_and_a_floor_may_take_part(table: Path) -> None:
    done = gazebench(
        "compare", table, "flat", "human", *WOBBLE, "--ceiling", "human", "--floor", "flat",
        "--metric", "auc",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "B is better" in done.stdout
    assert "wobble" not in done.stdout


def test_subsets_by_expression_and_all(table: Path) -> None:
    done = gazebench(
        "compare", table, "m/good", "m/bad", *WOBBLE, "--subset", "pa=view == 'PA'", "--subset",
        "all", "--json",
    )  # fmt: skip

    document = json.loads(done.stdout)
    assert document["subsets"] == {"pa": 6, "all": 12}
    assert [one["subset"] for one in document["comparisons"]] == ["pa", "pa", "all", "all"]


def test_writes_a_csv_and_the_same_bytes_again(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "compared.csv"
    arguments = ("compare", table, "m/good", "m/bad", *WOBBLE, "--resamples", "500", "--out", out)

    assert gazebench(*arguments).returncode == 0
    first = out.read_bytes()
    assert gazebench(*arguments).returncode == 0

    assert out.read_bytes() == first
    (auc, wobble) = csv.DictReader(first.decode().splitlines())
    assert (auc["better"], wobble["better"]) == ("m/good", "m/good")
    assert float(auc["difference"]) > 0 > float(wobble["difference"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("m/good", "m/bat"), "did you mean 'm/bad'?"),
        (("m/good", "m/good"), "compared with itself"),
        (("m/good", "m/bad", "--metric", "wable"), "did you mean 'wobble'?"),
        (("m/good", "m/bad", "--subset", "abnormal"), "no subset is called 'abnormal'"),
        (("m/good", "m/bad", "--alpha", "2"), "alpha must lie between 0 and 1"),
    ],
)
def test_mistakes_end_in_one_message(table: Path, arguments: tuple[str, ...], says: str) -> None:
    code, message = refused("compare", table, *arguments, *WOBBLE)

    assert code == 2
    assert says in message


def test_a_file_that_cannot_be_written_is_refused(table: Path, tmp_path: Path) -> None:
    code, message = refused(
        "compare", table, "m/good", "m/bad", *WOBBLE, "--out", tmp_path / "none" / "x.csv"
    )

    assert code == 5
    assert "cannot write" in message
