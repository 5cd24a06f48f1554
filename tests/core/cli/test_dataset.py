"""`gazebench dataset`: list, info, validate and synthesize, over the typer application itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tiny_reflacx
from gazebench.cli.dataset import dataset_app
from gazebench.cli.dataset_summary import summarise
from gazebench.cli.new_folder import new_folder
from gazebench.errors import DataError, GazeBenchError, PluginError, RunError, UsageError
from gazebench.registry.host import Host

MADE_UP = '''
from pathlib import Path
from gazebench.spec import dataset

def write(folder, *, cases, size, seed, training_images):
    (folder / "made.txt").write_text(f"{cases} {size.height} {size.width} {seed} {training_images}")
    if seed == 13:
        raise OSError(28, "No space left on device")

@dataset(synthesize=write, needs_root=False, restricted=False)
def made_up(root, /):
    """A dataset that is made up."""
'''


def run(*arguments: str | Path) -> str:
    """Run a command that must succeed; return what it printed."""
    done = CliRunner().invoke(dataset_app, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*arguments: str | Path) -> tuple[GazeBenchError, str]:
    """Run a command that must fail; return its error and what it printed before."""
    done = CliRunner().invoke(dataset_app, list(map(str, arguments)))
    assert isinstance(done.exception, GazeBenchError), done.output
    return done.exception, done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tiny_reflacx.write_reflacx(tmp_path / "reflacx")
    tiny_reflacx.write_mimic(tmp_path / "mimic")
    return tmp_path


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    path = tmp_path / "made_up.py"
    path.write_text(MADE_UP)
    return path


def test_list_names_every_dataset_and_what_it_can_do() -> None:
    rows = {row["name"]: row for row in json.loads(run("list", "--json"))}

    assert rows["reflacx"]["can"] == "validate, train"
    assert rows["folder"]["can"] == "validate"
    assert {"reflacx", "folder", "phantom"} <= set(rows)


def test_list_as_lines() -> None:
    assert "folder\tA folder of images with one table of fixations" in run("list")


def test_info_counts_what_is_there(root: Path) -> None:
    facts = json.loads(run("info", "reflacx", "--data-root", root, "--json"))

    assert {key: facts[key] for key in ("cases", "complete", "readings", "discarded")} == {
        "cases": 3,
        "complete": 2,
        "readings": 14,
        "discarded": 1,
    }
    assert facts["phase"] == {"1": 2, "2": 1}
    assert facts["readings per case"] == {"4": 1, "5": 2}
    assert (facts["height"], facts["width"]) == ("36 to 48", "32 to 48")
    assert facts["findings"]["Pneumothorax"] == {"present": 5, "of": 14}
    assert facts["findings"]["Nodule"] == {"present": 0, "of": 9}
    assert len(facts["fingerprint"]) == 64


def test_info_as_lines(root: Path) -> None:
    lines = run("info", "reflacx", "--data-root", root).splitlines()

    assert "readings\t14" in lines
    assert "Pneumothorax\t5\t14\t35.7 %" in lines


def test_info_takes_options(root: Path) -> None:
    options = ("--dataset-option", "phases=3")
    facts = json.loads(run("info", "reflacx", "--data-root", root, *options, "--json"))

    assert (facts["name"], facts["cases"]) == ("reflacx:phases=3", 1)


def test_info_without_a_root_explains_the_dataset() -> None:
    text = run("info", "reflacx")

    assert "phases='1,2'" in text
    assert "Pass --data-root FOLDER" in text
    assert "readings" not in text


def test_info_on_a_wrong_root_is_an_error_of_the_data(tmp_path: Path) -> None:
    error, _ = refused("info", "reflacx", "--data-root", tmp_path)

    assert isinstance(error, DataError)
    assert error.exit_code == 3


def test_unknown_datasets_and_options(root: Path) -> None:
    error, _ = refused("info", "reflax")
    assert isinstance(error, PluginError)
    assert "did you mean 'reflacx'?" in error.do

    for option in ("phase=1", "phases"):
        error, _ = refused("info", "reflacx", "--data-root", root, "--dataset-option", option)
        assert isinstance(error, UsageError)


def test_validate_says_when_nothing_is_wrong(root: Path) -> None:
    assert run("validate", "reflacx", "--data-root", root) == "reflacx: nothing is wrong.\n"


def test_validate_lists_fatal_problems_and_exits_with_3(root: Path) -> None:
    path = root / "reflacx" / "main_data" / tiny_reflacx.IMAGES[0].readings[0] / "fixations.csv"
    tiny_reflacx.set_cell(path, 2, "timestamp_end_fixation", "0.1")
    error, printed = refused("validate", "reflacx", "--data-root", root)

    assert f"fatal\t{path}:2\tthe fixation ends before it starts (0.1 s < 0.5 s)" in printed
    assert "1 of 1 problems are fatal" in error.message
    assert error.exit_code == 3


def test_validate_exits_with_0_when_all_is_merely_odd(root: Path) -> None:
    path = root / "reflacx" / "main_data" / tiny_reflacx.IMAGES[0].readings[0] / "fixations.csv"
    tiny_reflacx.set_cell(path, 2, "timestamp_end_fixation", "0.9")
    (problem,) = json.loads(run("validate", "reflacx", "--data-root", root, "--json"))

    assert (problem["row"], problem["is_fatal"]) == (3, False)


def test_validate_needs_a_root() -> None:
    error, _ = refused("validate", "reflacx")

    assert isinstance(error, UsageError)
    assert "--data-root" in error.do


def synthesize(made_up: Path, out: Path, *options: str) -> Sequence[str | Path]:
    return ("synthesize", "--dataset", "made_up", "--plugin", made_up, "--out", out, *options)


def test_synthesize_writes_what_was_asked_for(made_up: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "set"
    options = ("--cases", "5", "--size", "30x20", "--seed", "7", "--training-images", "9")
    run(*synthesize(made_up, out, *options))

    assert (out / "made.txt").read_text() == "5 30 20 7 9"
    assert [path.name for path in out.parent.iterdir()] == ["set"]


def test_synthesize_leaves_nothing_behind_when_it_fails(made_up: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "set"
    error, _ = refused(*synthesize(made_up, out, "--seed", "13"))

    assert isinstance(error, RunError)
    assert "No space left on device" in error.message
    assert list(out.parent.iterdir()) == []


def test_synthesize_overwrites_nothing(made_up: Path, tmp_path: Path) -> None:
    for out in (tmp_path, made_up):
        error, _ = refused(*synthesize(made_up, out))
        assert isinstance(error, UsageError)

    assert made_up.read_text() == MADE_UP


@pytest.mark.parametrize("size", ["300", "0x4", "4x", "4X4", "-1x2"])
def test_synthesize_refuses_odd_sizes(made_up: Path, tmp_path: Path, size: str) -> None:
    error, _ = refused(*synthesize(made_up, tmp_path / "out", f"--size={size}"))

    assert "--size takes HEIGHTxWIDTH" in error.message


def test_only_made_up_datasets_can_be_synthesised(tmp_path: Path) -> None:
    error, _ = refused("synthesize", "--dataset", "reflacx", "--out", tmp_path / "out")

    assert "cannot be synthesised" in error.message
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_cannot_check_itself_says_so(made_up: Path) -> None:
    error, _ = refused("validate", "made_up", "--plugin", made_up)

    assert "cannot check its files" in error.message


def test_a_new_folder_replaces_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as folder:
        (folder / "a").touch()

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(RunError, match="cannot write"), new_folder(tmp_path / "file" / "out"):
        pass


def test_a_summary_of_gaze_without_findings(shared_data: Path) -> None:
    description = Path(__file__).resolve().parents[3] / "examples/datasets/osie.toml"
    plugin = Host().get("dataset", "folder", {"description": str(description)})
    summary = summarise(plugin.call(shared_data / "osie_mit_fixations"))

    assert (summary["cases"], summary["with pixels"], summary["readings"]) == (700, 0, 10_500)
    assert summary["findings"] == {}


def test_importing_the_commands_imports_nothing_heavy() -> None:
    import subprocess

    code = "import gazebench.cli.dataset, sys; print({'numpy', 'torch', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
