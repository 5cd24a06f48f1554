"""`gazebench train` as a user types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gazebench.cli.train import train
from gazebench.errors import UsageError

PLUGIN = Path(__file__).resolve().parents[2] / "tiny_training.py"


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    app.command()(train)
    shared = ["tiny", "--dataset", "blobs", "--plugin", PLUGIN, "--crop", "32", "--device", "cpu"]
    return CliRunner().invoke(app, [str(item) for item in (*shared, *arguments)])


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "dumb")


def test_a_table_of_aucs_comes_last(tmp_path: Path) -> None:
    done = run("--out", tmp_path, "--epochs", "2", "--batch", "8", "--seed", "0", "--seed", "4")

    assert done.exit_code == 0, done.output
    table = done.stdout.splitlines()
    assert any("Left" in line and "positives" not in line for line in table)
    assert any("Never" in line and "undefined" in line for line in table)
    assert any("seed 0" in line and "seed 4" in line for line in table)
    assert "Left out of the mean, without positives or negatives: Never" in done.stdout
    for seed in (0, 4):
        assert str(tmp_path / f"tiny-seed{seed}.safetensors") in done.stdout
        assert (tmp_path / f"tiny-seed{seed}.safetensors").is_file()


def test_every_epoch_is_told_once(tmp_path: Path) -> None:
    done = run("--out", tmp_path, "--epochs", "2", "--batch", "8", "--lr", "0.01")

    lines = done.stderr.splitlines()

    assert sum("epoch 1/2: loss" in line for line in lines) == 1
    assert sum("epoch 2/2: loss" in line for line in lines) == 1
    assert "decoding images: 48/48" in lines


def test_the_options_reach_the_recipe(tmp_path: Path) -> None:
    import json

    run(
        "--out", tmp_path, "--epochs", "1", "--batch", "9", "--lr", "0.01", "--weight-decay", "0.1",
        "--plateau-factor", "0.3", "--plateau-patience", "7", "--rotation", "3", "--translation",
        "0.2", "--scaling", "0.1", "--flip", "0", "--half", "--precision", "mixed",
    )  # fmt: skip

    head = json.loads((tmp_path / "tiny-seed0.jsonl").read_text().splitlines()[0])

    assert head["recipe"] == {
        "epochs": 1,
        "learning_rate": 0.01,
        "weight_decay": 0.1,
        "batch": 9,
        "plateau_factor": 0.3,
        "plateau_patience": 7,
        "rotation": 3,
        "translation": 0.2,
        "scaling": 0.1,
        "crop": 32,
        "flip": 0,
    }
    assert head["identity"]["precision"] == "bfloat16"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "0"], "epochs must be 1 or more"),
        (["--precision", "double"], "precision must be auto, single, mixed, found 'double'"),
        (["--dataset-option", "seed"], "takes KEY=VALUE, found 'seed'"),
        (["--seed", "-2"], "seeds must not be negative"),
    ],
)
def test_an_option_that_makes_no_sense_writes_nothing(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = run("--out", tmp_path / "out", *arguments)

    assert isinstance(done.exception, UsageError)
    assert words in done.exception.message
    assert not (tmp_path / "out").exists()


def test_help_needs_neither_numpy_nor_torch() -> None:
    code = (
        "import sys, gazebench.cli.train, gazebench.cli.train_view; "
        "print(sorted({'numpy', 'torch', 'rich.progress'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
