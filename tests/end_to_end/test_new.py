"""`gazebench new`: what it writes installs, passes its own tests and works, for every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import gazebench, refused
from gazebench.authoring.scaffold import KINDS
from gazebench.testing import check_plugin
from packages import gazebench_with, install_package, own_tests

CHECKED = {"dataset"}  # by name only with files, which its own tests make


def named(kind: str) -> str:
    return f"odd_{kind.replace('-', '_')}"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A new package of every kind, each built and installed as it was written."""
    projects, site = tmp_path_factory.mktemp("projects"), tmp_path_factory.mktemp("site")
    for kind in KINDS:
        project = projects / kind
        written = gazebench("new", kind, named(kind), "--out", project)
        assert written.returncode == 0, written.stderr
        assert f"cd {project}" in written.stdout
        install_package(project, site)
    return projects, site


def test_the_own_tests_of_new_packages_pass_at_once(everything: tuple[Path, Path]) -> None:
    """Of every kind, with nothing filled in."""
    projects, site = everything

    printed = own_tests(
        site, projects, ["--import-mode=importlib", "-rA", *(f"{kind}/tests" for kind in KINDS)]
    )

    for kind in KINDS:
        of_kind = [line for line in printed.splitlines() if f"/test_{named(kind)}.py::" in line]
        assert sum(line.startswith("PASSED") for line in of_kind) >= 2, kind


def test_new_packages_are_listed_under_their_names(everything: tuple[Path, Path]) -> None:
    done = gazebench_with(everything[1], "plugins", "list")

    listed = [line.split()[:3] for line in done.stdout.splitlines()]
    for kind in KINDS:
        distribution = f"gazebench-odd-{kind}"
        assert [KINDS[kind], named(kind), distribution] in listed


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in CHECKED])
def test_a_new_plugin_in_one_file_keeps_its_contract(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"

    written = gazebench("new", kind, "odd_one", "--single-file", "--out", file)

    assert f"--plugin {file}" in written.stdout, written.stderr
    assert check_plugin("odd_one", kind=KINDS[kind], files=[file]).failed == ()


@pytest.mark.parametrize("kind", ["method", "image-method"])
def test_a_method_in_one_file_has_at_most_six_lines(kind: str, tmp_path: Path) -> None:
    gazebench("new", kind, "mine", "--single-file", cwd=tmp_path)

    assert len((tmp_path / "mine.py").read_text().splitlines()) <= 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("metod", "mine"), "did you mean 'method'?"),
        (("method", "2nd"), "it needs a letter first"),
        (("method", "lambda"), "is a word of Python itself"),
        (("method", "match"), "is a word of Python itself"),
        (("method", "a/b"), "cannot be a plugin's name"),
        (("method", "mine-"), "cannot be a plugin's name"),
        (("method", "plugins"), "is the name of something else"),
        (("method", "gradcam"), "has a method called 'gradcam' already"),
        (("method", "GradCAM"), "has a method called 'gradcam' already"),
    ],
)
def test_what_cannot_be_made_is_refused(
    arguments: tuple[str, str], message: str, tmp_path: Path
) -> None:
    code, text = refused("new", *arguments, cwd=tmp_path)

    assert code == 2
    assert message in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("image-method", "gazebench run --method odd_one"),
        ("reference", "gazebench run --reference odd_one"),
        ("dataset", "gazebench run --dataset odd_one --data-root FOLDER"),
        ("exporter", "gazebench run"),
    ],
)
def test_the_last_step_runs_the_benchmark_with_it(kind: str, command: str, tmp_path: Path) -> None:
    written = gazebench("new", kind, "odd_one", cwd=tmp_path)

    assert written.stdout.splitlines()[-1].strip() == command


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder, file = tmp_path / "gazebench-mine", tmp_path / "mine.py"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    file.write_text("more of it")

    _, of_folder = refused("new", "method", "mine", cwd=tmp_path)
    _, of_file = refused("new", "method", "mine", "--single-file", cwd=tmp_path)

    assert "nothing is overwritten" in of_folder
    assert "nothing is overwritten" in of_file
    assert (folder / "thesis.txt").read_text() == "years of work"
    assert file.read_text() == "more of it"
