"""`gazebench rank`: what it prints, what it writes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gazebench.cli.rank import rank
from gazebench.errors import DataError, GazeBenchError, PluginError, RunError, UsageError

TABLE = """image,entry,metric,score,abnormal_majority,view
x,m/cam,wobble,0.7,1,AP
y,m/cam,wobble,0.9,0,PA
z,m/cam,wobble,0.8,1,PA
x,interobserver,wobble,0.8,1,AP
y,interobserver,wobble,0.9,0,PA
z,interobserver,wobble,0.85,1,PA
x,uniform,wobble,0.5,1,AP
y,uniform,wobble,0.5,0,PA
z,uniform,wobble,0.5,1,PA
"""
WOBBLE = ("--metric", "wobble:higher,chance=0.5")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a small table on disk."""
    path = tmp_path / "small.csv"
    path.write_text(TABLE)
    return path


def run(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    app = typer.Typer()
    app.command()(rank)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refusal(*arguments: str | Path) -> GazeBenchError:
    """Return the error that a command ends in."""
    error = run(*arguments).exception
    assert isinstance(error, GazeBenchError), error
    return error


def test_prints_every_entry_and_what_the_numbers_are(table: Path) -> None:
    done = run(table, *WOBBLE)

    assert done.exit_code == 0, done.exception
    lines = done.stdout.splitlines()
    assert "small: all (3 images)" in lines
    (mine,) = [line for line in lines if "m/cam" in line][:1]
    assert mine.split()[:4] == ["1", "1", "m/cam", "0.800"]
    assert any(line.split()[:3] == ["ceiling", "interobserver", "0.850"] for line in lines)
    assert any(line.split()[:3] == ["floor", "uniform", "0.500"] for line in lines)
    assert "10,000 resamples" in done.stdout


def test_offers_majority_columns_and_their_opposite(table: Path) -> None:
    done = run(table, *WOBBLE)

    assert "small: abnormal (2 images)" in done.stdout
    assert "small: normal (1 image)" in done.stdout


def test_subsets_by_expression_replace_those_on_offer(table: Path) -> None:
    done = run(table, *WOBBLE, "--subset", "pa=view == 'PA'", "--title", "mine")

    assert "mine: pa (2 images)" in done.stdout
    assert "abnormal" not in done.stdout


def test_writes_every_format_and_the_same_bytes_again(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "board"

    first = run(table, *WOBBLE, "--out", out)
    bytes_of = {path.name: path.read_bytes() for path in out.iterdir()}
    second = run(table, *WOBBLE, "--out", out)

    assert first.exit_code == second.exit_code == 0, first.exception
    assert set(bytes_of) == {f"leaderboard.{suffix}" for suffix in ("json", "csv", "md", "tex")}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == bytes_of
    document = json.loads(bytes_of["leaderboard.json"])
    assert document["subsets"][0]["rows"][0]["entry"] == "interobserver"


def test_prints_a_format_instead_of_the_table(table: Path) -> None:
    document = json.loads(run(table, *WOBBLE, "--format", "json").stdout)

    assert document["dataset"] == "small"
    assert run(table, *WOBBLE, "--format", "md").stdout.startswith("# small\n")


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((), UsageError, "no metric is called 'wobble'"),
        ((*WOBBLE, "--interval", "papr"), UsageError, "did you mean 'paper'"),
        ((*WOBBLE, "--rank-by", "wable"), UsageError, "did you mean 'wobble'"),
        ((*WOBBLE, "--subset", "x=__import__('os')"), UsageError, "a call is not allowed"),
        ((*WOBBLE, "--ceiling", "nobody"), UsageError, "no entry is called 'nobody'"),
        ((*WOBBLE, "--image-columns", "view,"), UsageError, "--image-columns takes"),
        ((*WOBBLE, "--image-columns", "view"), DataError, "stand twice"),
        ((*WOBBLE, "--format", "pdf"), PluginError, "pdf"),
    ],
)
def test_bad_options_end_in_one_message_and_write_nothing(
    table: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    error: type[GazeBenchError],
    says: str,
) -> None:
    out = tmp_path / "board"

    found = refusal(table, *arguments, "--out", out)

    assert isinstance(found, error)
    assert says in found.message
    assert not out.exists()


def test_output_folder_that_is_a_file_is_refused(table: Path) -> None:
    found = refusal(table, *WOBBLE, "--out", table)

    assert isinstance(found, RunError)
    assert table.read_text() == TABLE
