"""`gazebench subsets`: what it prints, what it writes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from commands import gazebench, refused
from gazebench.cli.subsets import subsets
from gazebench.errors import GazeBenchError, UsageError

WOBBLE = ("--metric-declaration", "wobble:higher,chance=0.5", "--resamples", "300")
TABLE2 = "etsaliencymaps_scores/table2_subsets_uniform.csv.gz"
NAMES = {"subsets.csv", "contrasts.csv", "subsets.svg", "subsets.png"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table in which one map is better on abnormal images, and another is not."""
    rng = np.random.default_rng(0)
    lines = ["image,entry,metric,score,abnormal_majority,view"]
    for image in range(24):
        abnormal, view = image % 2, "AP" if image < 2 else "PA"
        means = {"m/cam": 0.6 + 0.1 * abnormal, "n/cam": 0.6, "interobserver": 0.8, "uniform": 0.5}
        for entry, mean in means.items():
            score = mean + 0.01 * rng.normal()
            lines.append(f"{image},{entry},wobble,{score:.4f},{abnormal},{view}")
    path = tmp_path / "small.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    app = typer.Typer()
    app.command()(subsets)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_answers_in_words_and_shows_every_subset(table: Path) -> None:
    done = run(table, *WOBBLE)

    assert done.exit_code == 0, done.exception
    lines = done.stdout.splitlines()
    assert lines[0].rstrip() == "small: where are maps most like the readers?"
    assert lines[1].startswith("By wobble, maps are most like the readers on")
    mine = lines.index(next(x for x in lines if x.rstrip() == "m/cam"))
    assert [line.split()[:2] for line in lines[mine + 1 : mine + 4]] == [
        ["all", "24"],
        ["abnormal", "12"],
        ["normal", "12"],
    ]
    abnormal, normal = (lines[mine + i].split() for i in (2, 3))
    assert abnormal[-1] == normal[-1] == "<0.001*"
    assert (abnormal[-2][0], normal[-2][0]) == ("+", "-")
    assert abnormal[-2][1:] == normal[-2][1:]
    assert "300 resamples" in done.stdout


def test_fits_100_columns(table: Path) -> None:
    done = run(table, *WOBBLE, "--subset", f"{'long ' * 8}name=view == 'PA'")

    assert done.exit_code == 0, done.exception
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 100


def test_a_subset_with_too_few_images_says_so(table: Path) -> None:
    done = run(table, *WOBBLE, "--subset", "ap=view == 'AP'", "--subset", "abnormal")

    assert "Not tested (wobble): too few images: 2 in ap." in done.stdout


def test_named_entries_are_compared_on_the_same_images(table: Path) -> None:
    done = run(table, *WOBBLE, "--entry", "m/cam", "--entry", "n/cam")

    assert "uniform" not in done.stdout
    assert "Entries on the same images (paired):" in done.stdout
    assert "  abnormal: m/cam - n/cam: +0." in done.stdout


def test_json_is_all_that_is_printed(table: Path) -> None:
    document = json.loads(run(table, *WOBBLE, "--json").stdout)

    assert document["asked"] == "wobble"
    assert document["rest"] == {"abnormal": "normal", "normal": "abnormal"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--resamples", "1"), "expected 2 or more resamples"),
        (("--metric", "wable"), "did you mean 'wobble'"),
        (("--entry", "m/cem"), "did you mean 'm/cam'"),
        (("--subset", "abnorml"), "did you mean 'abnormal'"),
        (("--ceiling", "nobody"), "no entry is called 'nobody'"),
    ],
)
def test_bad_options_end_in_one_message_and_write_nothing(
    table: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    error = run(table, *WOBBLE, *arguments, "--out", tmp_path / "out").exception

    assert isinstance(error, UsageError), error
    assert says in error.message
    assert not (tmp_path / "out").exists()


def test_a_table_without_subsets_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("image,entry,metric,score\nx,m,auc,0.7\ny,m,auc,0.6\n")

    error = run(path).exception

    assert isinstance(error, GazeBenchError)
    assert "--subset NAME=EXPRESSION" in error.do


def test_the_command_itself_writes_the_same_bytes_again(table: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "a", tmp_path / "b"]

    done = [gazebench("subsets", table, *WOBBLE, "--out", out) for out in outs]

    assert [d.returncode for d in done] == [0, 0], done[0].stderr
    assert done[0].stderr == f"Written to {outs[0]}\n"
    assert {path.name for path in outs[0].iterdir()} == NAMES
    for name in NAMES:
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()


def test_the_command_itself_refuses_without_a_traceback(tmp_path: Path) -> None:
    code, message = refused("subsets", tmp_path / "nothing.csv")

    assert code == 3
    assert "nothing.csv" in message


def test_published_scores_are_analysed(shared_data: Path, tmp_path: Path) -> None:
    """The paper: shuffled AUC of Grad-CAM is at chance on normal images, above it on abnormal."""
    done = gazebench("subsets", shared_data / TABLE2, "--out", tmp_path, "--json")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["images"] == {
        "all": 91,
        "pleural": 28,
        "parenchymal": 59,
        "cardiomediastinal": 25,
        "abnormal": 74,
        "normal": 17,
    }
    rows = {(x["metric"], x["entry"], x["subset"]): x for x in document["subsets"]}
    gradcam = {s: rows["sauc", "ag_sononet/gradcam", s] for s in ("abnormal", "normal")}
    assert [round(gradcam[s]["score"], 3) for s in gradcam] == [0.538, 0.497]
    assert [round(gradcam[s]["ceiling"], 3) for s in gradcam] == [0.566, 0.532]
    (contrast,) = (
        x
        for x in document["contrasts"]
        if (x["metric"], x["quantity"], x["entry_a"]) == ("sauc", "score", "ag_sononet/gradcam")
        and (x["subset_a"], x["subset_b"]) == ("abnormal", "normal")
    )
    assert contrast["test"] == "unpaired"
    assert contrast["significant"] is True
    assert contrast["difference"] == pytest.approx(0.041, abs=0.0015)


def test_names_that_would_steer_the_terminal_are_made_visible(table: Path) -> None:
    table.write_text(table.read_text().replace("m/cam", "m\x1b[31m"))

    done = run(table, *WOBBLE)

    assert "\x1b[31m" not in done.stdout
    assert r"m\x1b[31m" in done.stdout


def test_says_which_direction_is_better(table: Path) -> None:
    lower = run(table, "--metric-declaration", "wobble:lower,chance=1", "--resamples", "300")

    assert "wobble, chance 1, lower is better" in lower.stdout
    assert "lower is better" not in run(table, *WOBBLE).stdout
