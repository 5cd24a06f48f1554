"""What the README tells a newcomer to type is what works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands import gazebench

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_method_of_the_readme_is_planned_beside_the_known_ones(tmp_path: Path) -> None:
    (plugin,) = blocks("python")
    (tmp_path / "mine.py").write_text(plugin)

    done = gazebench(
        "run", "--plugin", "mine.py", "--dry-run", "--dataset-option", "cases=2",
        "--dataset-option", "size=220x200",
        cwd=tmp_path, env={"GAZEBENCH_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "sononet/my_gradient/uniform" in done.stdout
    assert "ag_sononet/attention:gate=2" in done.stdout


def test_both_commands_of_the_first_screen_do_all_the_set_up() -> None:
    first_screen = [line for block in blocks("bash")[:2] for line in block.splitlines()]

    assert len(first_screen) == 2
    for command in first_screen:
        assert command.startswith("python3 -m venv .venv && . .venv/bin/activate && pip install ")
    assert first_screen[0].endswith("&& gazebench run")
    assert first_screen[1].endswith("&& pytest -n auto")


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    ci = (REPOSITORY / ".ci" / "run").read_text()

    assert "README.md" in ci
    assert "<!-- test command -->\n```bash\n" in README


def test_every_command_and_option_named_exists() -> None:
    for line in [line for block in blocks("bash")[2:] for line in block.splitlines()]:
        words = line.replace("\\", "").split()
        if words[:1] != ["gazebench"]:
            continue
        command = words[1:3] if words[1] in ("dataset", "plugins") else words[1:2]
        shown = gazebench(*command, "--help").stdout
        assert shown, line
        for option in (word for word in words if word.startswith("--")):
            assert option in shown, f"{option} is not an option of {command}"


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_file_linked_exists(target: str) -> None:
    assert (REPOSITORY / target).exists()
